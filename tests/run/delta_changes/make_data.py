"""Writes `given/accounts`, a Delta table with a change data feed, by delta-rs."""
import pathlib
import shutil

import pyarrow
from deltalake import DeltaTable, write_deltalake

PATH = pathlib.Path(__file__).parent / "given" / "accounts"


def rows(*rows):
    ids, owners, regions, balances = zip(*rows)
    return pyarrow.table({"account id": pyarrow.array(ids, pyarrow.int64()), "owner": pyarrow.array(owners, pyarrow.string()),
                          "region": pyarrow.array(regions, pyarrow.string()),
                          "balance": pyarrow.array(balances, pyarrow.int32())})


shutil.rmtree(PATH, ignore_errors=True)
write_deltalake(str(PATH), rows((1, "Ann", "eu", 10), (2, "Bo", "us", 20), (3, None, "eu", 30)), partition_by=["region"],
                configuration={"delta.enableChangeDataFeed": "true"})
DeltaTable(str(PATH)).update(updates={"balance": "balance - 15"}, predicate="\"account id\" < 3")  # one below 0
DeltaTable(str(PATH)).update(updates={"owner": "'Cy, and a name that is not short'"}, predicate="\"account id\" = 3")
DeltaTable(str(PATH)).update(updates={"\"account id\"": "40"}, predicate="\"account id\" = 2")  # another key
write_deltalake(str(PATH), rows((5, "Di", "us", -1), (6, "Ed", "eu", 60)), mode="append")
DeltaTable(str(PATH)).delete("\"account id\" = 3")
DeltaTable(str(PATH)).optimize.compact()
write_deltalake(str(PATH), rows((6, "Ed", "us", 61)), mode="overwrite")
for log in (PATH / "_delta_log").glob("*.json"):  # text files of the repository end with a line
    log.write_text(log.read_text().rstrip("\n") + "\n")
