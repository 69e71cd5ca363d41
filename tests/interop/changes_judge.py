#!/usr/bin/env python3
"""`read changes` of Delta tables that delta-rs wrote, judged by its `load_cdf`.

A table lives through random commits (appends, updates, updates of the key, deletes, merges, overwrites, compactions).
Flow keeps every change it reads as a row of a table, which must say the same as delta-rs: each update beside the row
as it was. Merged by their key, the changes must give the table itself. What can't be read must be refused.
"""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import tempfile

import deltalake
import pyarrow
from deltalake import DeltaTable, write_deltalake

FEED = {"delta.enableChangeDataFeed": "true"}
COLUMNS = """  columns {
    id: int64 key
    name: string?
    part: string
    v: float64
    tags: list(string)?
  }
"""
PROGRAM = """param since: int64 = 0

source changed {
%s  delta "lake/t"
  read changes from version since
}

flow logged {
  from changed
  derive op = meta.operation, version = meta.sequence, at = meta.timestamp, before = meta.before
  merge into "lake/log" {
    key (id, version, op)
    order by version
    delete when false
  }
}

flow copied {
  from changed
  merge into "lake/copy" {
    key (id)
  }
}
""" % COLUMNS


def rows_of(chance, ids):
    ids = list(ids)
    return pyarrow.table({
        "id": pyarrow.array(ids, pyarrow.int64()),
        "name": pyarrow.array([chance.choice([None, "", "a", "a name that is longer than twelve bytes"]) for _ in ids],
                              pyarrow.string()),
        "part": pyarrow.array([chance.choice("ab") for _ in ids], pyarrow.string()),
        "v": pyarrow.array([float(chance.randrange(100)) for _ in ids], pyarrow.float64()),
        "tags": pyarrow.array([chance.choice([None, [], ["x", "y"]]) for _ in ids], pyarrow.list_(pyarrow.string())),
    })


class Life:
    """A table and the commits that it goes through; its ids are its key."""

    def __init__(self, path, seed):
        self.chance = random.Random(seed)
        self.path, self.next = str(path), 1
        self.partition = self.chance.choice([None, ["part"]])
        write_deltalake(self.path, self.fresh(5), configuration=FEED, partition_by=self.partition)

    def table(self):
        return DeltaTable(self.path)

    def fresh(self, count):
        self.next += count
        return rows_of(self.chance, range(self.next - count, self.next))

    def ids(self):
        return self.table().to_pyarrow_table().column("id").to_pylist()

    def some(self):
        ids = self.ids()
        return self.chance.sample(ids, self.chance.randrange(1, len(ids) + 1)) if ids else []

    def merge(self):
        source = pyarrow.concat_tables([rows_of(self.chance, self.some()), self.fresh(2)])
        merging = self.table().merge(source, "s.id = t.id", source_alias="s", target_alias="t")
        merging.when_matched_update_all().when_not_matched_insert_all().execute()

    def step(self):
        ids = ",".join(map(str, self.some())) or "0"
        kind = self.chance.choice(["append", "update", "rename", "delete", "merge", "overwrite", "compact"])
        if kind == "append":
            write_deltalake(self.path, self.fresh(3), mode="append")
        elif kind == "update":
            self.table().update(updates={"v": "v + 1", "name": "name || '!'"}, predicate=f"id in ({ids})")
        elif kind == "rename":
            self.table().update(updates={"id": "id + 1000000"}, predicate=f"id in ({ids})")
        elif kind == "delete":
            self.table().delete(f"id in ({ids})")
        elif kind == "merge":
            self.merge()
        elif kind == "overwrite":
            write_deltalake(self.path, rows_of(self.chance, self.some()), mode="overwrite")
        else:
            self.table().optimize.compact()


def plain(row):
    names = ("id", "name", "part", "v", "tags")
    return json.dumps({name: row[name] for name in names}) if row is not None else None


def wanted_changes(path, since):
    """What delta-rs says, with the images of an update put together by their id."""
    feed = pyarrow.table(DeltaTable(str(path)).load_cdf(starting_version=since).read_all()).to_pylist()
    before = {(r["_commit_version"], r["id"]): r for r in feed if r["_change_type"] == "update_preimage"}
    found = []
    for row in feed:
        kind, version = row["_change_type"], row["_commit_version"]
        if kind == "update_postimage":
            old = before.pop((version, row["id"]), None)
            found.append((version, "insert" if old is None else "update", plain(row), plain(old)))
        elif kind != "update_preimage":
            found.append((version, kind, plain(row), plain(row) if kind == "delete" else None))
    found += [(version, "delete", plain(old), plain(old)) for (version, _), old in before.items()]
    return sorted(found, key=repr)


def found_changes(path):
    rows = DeltaTable(str(path)).to_pyarrow_table().to_pylist()
    return sorted([(r["version"], r["op"], plain(r), plain(r["before"])) for r in rows], key=repr)


def table_rows(path):
    if not (path / "_delta_log").exists():
        return []
    return sorted(plain(row) for row in DeltaTable(str(path)).to_pyarrow_table().to_pylist())


class Judge:
    def __init__(self, flowc, world):
        self.flowc, self.world, self.failed = flowc, world, 0
        (world / "program.flow").write_text(PROGRAM)

    def complain(self, text):
        self.failed += 1
        print(text)

    def clear(self):
        shutil.rmtree(self.world / "lake", ignore_errors=True)

    def run(self, *arguments):
        for name in ("log", "copy"):
            shutil.rmtree(self.world / "lake" / name, ignore_errors=True)
        command = [self.flowc, "run", "program.flow", *arguments]
        return subprocess.run(command, cwd=self.world, capture_output=True, text=True)

    def life(self, seed):
        self.clear()
        lake = self.world / "lake"
        life = Life(lake / "t", seed)
        for _ in range(7):
            life.step()
        newest = life.table().version()
        for since in (0, life.chance.randrange(newest + 1)):
            for workers in ("1", "3"):
                done = self.run("--param", f"since={since}", "--parallelism", workers)
                where = f"seed {seed}, from version {since} of {newest}, {workers} workers"
                if done.returncode != 0:
                    self.complain(f"{where}: status {done.returncode}\n{done.stderr}")
                elif found_changes(lake / "log") != wanted_changes(lake / "t", since):
                    self.complain(f"{where}: wanted {wanted_changes(lake / 't', since)}\nfound {found_changes(lake / 'log')}")
                elif since == 0 and table_rows(lake / "copy") != table_rows(lake / "t"):
                    self.complain(f"{where}: the copy is not the table\n{table_rows(lake / 'copy')}\n{table_rows(lake / 't')}")

    def refused(self, what, pattern, *arguments):
        done = self.run(*arguments)
        if done.returncode != 6 or pattern not in done.stderr:
            self.complain(f"{what}: status {done.returncode}, wanted 6 and “{pattern}”\n{done.stderr}")

    def table(self, configuration):
        self.clear()
        path = self.world / "lake" / "t"
        write_deltalake(str(path), rows_of(random.Random(1), range(4)), configuration=configuration)
        return path

    def without_feed(self):
        path = self.table({})
        write_deltalake(str(path), rows_of(random.Random(2), range(4, 8)), mode="append")
        DeltaTable(str(path)).optimize.compact()
        done = self.run()
        if done.returncode != 0 or table_rows(self.world / "lake" / "copy") != table_rows(path):
            self.complain(f"a table without a feed that only grows: status {done.returncode}\n{done.stderr}")
        DeltaTable(str(path)).delete("id = 2")
        self.refused("rows go without a feed", "version 3 removes rows, and the table had no change data feed then")
        self.refused("no such version", "its log has the versions 0 to 3", "--param", "since=4")
        DeltaTable(str(path)).alter.set_table_properties(FEED)
        DeltaTable(str(path)).delete("id = 3")
        done = self.run("--param", "since=4")
        if done.returncode != 0 or found_changes(self.world / "lake" / "log") != wanted_changes(path, 4):
            self.complain(f"a feed from version 4 on: status {done.returncode}\n{done.stderr}")

    def gone(self):
        path = self.table(FEED)
        DeltaTable(str(path)).update(updates={"v": "v + 1"}, predicate="id > 1")
        next((path / "_change_data").rglob("*.parquet")).unlink()
        self.refused("a file is gone", "is gone, perhaps by a vacuum")
        DeltaTable(str(path)).create_checkpoint()
        (path / "_delta_log" / ("0" * 20 + ".json")).unlink()
        self.refused("the log is cut off", "its log has the versions 1 to 1", "--param", "since=0")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--flowc", required=True)
    options.add_argument("--lives", type=int, default=6)
    options.add_argument("--seed", type=int, default=1)
    arguments = options.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        judge = Judge(str(pathlib.Path(arguments.flowc).resolve()), pathlib.Path(temporary))
        for seed in range(arguments.seed, arguments.seed + arguments.lives):
            judge.life(seed)
        judge.without_feed()
        judge.gone()
    print(f"{arguments.lives} tables, deltalake {deltalake.__version__}: {judge.failed} failed")
    return 1 if judge.failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
