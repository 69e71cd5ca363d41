#!/usr/bin/env python3
"""given/sensors: a partitioned table whose first file is older than a column, in small row groups."""
import datetime
import decimal
import json
import pathlib

import pyarrow
import pyarrow.parquet

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE / "given/sensors"
START = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)


def field(name, kind):
    return {"name": name, "type": kind, "nullable": True, "metadata": {}}


def rows(first, count, place, unit=True):
    ids = list(range(first, first + count))
    columns = {
        "sensor id": pyarrow.array(ids, pyarrow.int32()),
        "at": pyarrow.array([START + datetime.timedelta(minutes=i) for i in ids], pyarrow.timestamp("us", "UTC")),
        "kind": pyarrow.array([["heat", "light", "odd"][i % 3] if i % 7 else None for i in ids]),
        "value": pyarrow.array([decimal.Decimal(i * 5 - 40) / 4 for i in ids], pyarrow.decimal128(8, 2)),
        "note": pyarrow.array([f"{place} {i}" if i % 2 else None for i in ids]),
    }
    if unit:
        columns["scale"] = pyarrow.array([1.5 if i % 4 else None for i in ids], pyarrow.float32())
    return pyarrow.table(columns)


def main():
    (TABLE / "_delta_log").mkdir(parents=True, exist_ok=True)
    fields = [field("region", "string"), field("sensor id", "integer"), field("at", "timestamp"),
              field("kind", "string"), field("value", "decimal(8,2)"), field("note", "string"),
              field("scale", "float"), field("day", "integer")]
    actions = [
        {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
        {"metaData": {"id": "0e2a8b0e-56f5-4a43-a8c1-7a5a5b7f0c11", "format": {"provider": "parquet", "options": {}},
                      "schemaString": json.dumps({"type": "struct", "fields": fields}),
                      "partitionColumns": ["region", "day"], "configuration": {}}},
    ]
    files = [("a b/one.parquet", rows(1, 30, "one", False), {"region": "north sea", "day": "1"}),
             ("two.parquet", rows(20, 40, "two"), {"region": "é", "day": "2"}),
             ("three.parquet", rows(60, 5, "three"), {"region": None, "day": "3"}),
             ("four.parquet", rows(65, 5, "four"), {"region": "north sea", "day": None})]
    for path, table, partition in files:
        (TABLE / path).parent.mkdir(exist_ok=True)
        pyarrow.parquet.write_table(table, TABLE / path, row_group_size=8)
        actions.append({"add": {"path": path.replace(" ", "%20"), "partitionValues": partition, "dataChange": True,
                                "size": (TABLE / path).stat().st_size, "modificationTime": 1767225600000}})
    log = TABLE / "_delta_log" / f"{0:020}.json"
    log.write_text("".join(json.dumps(action) + "\n" for action in actions))


main()
