#!/usr/bin/env python3
"""Random change logs, merged in one to four runs, against a model of a few lines.

The model: of the changes of a key the greatest by order stands, of equals the one that arrived last; a delete
leaves no row. With a history (half of the logs) of the changes of a key at one time the greatest by order counts;
in the order of their times those with equal tracked values are one version, whose other values are the newest by
order, and a delete ends it. A truncate takes with it whatever is older. So neither the cut into runs nor the order
of arrival matters, but for equals. Every log is cut and permuted twice; the table is read by delta-rs after every
run. Besides: a file is replaced only if one of its rows had to change, and the same changes once more make no
version.
A failure prints the seed and leaves the world where it says.
"""
import argparse
import base64
import datetime
import decimal
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
from concurrent import futures

import deltalake
import pyarrow.parquet

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
WORDS = ["", "a", "A", "ab", "ä", "日本", "a/b", "x=y", " ", "%20", "a+b", "null", '"q"', "🙂", "tab\there", "line\nend", "..", "z" * 300]
KIND_WORDS = ["red", "green", "blue", "dark blue"]


class Type:
    """How values of a type are made and written as JSON. What is made is what delta-rs reads."""

    def __init__(self, text, make, write=json.dumps, may_part=True):
        self.text, self.make, self.write, self.may_part = text, make, write, may_part


def integer(bits):
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    return Type(f"int{bits}", lambda r: r.choice([r.randint(low, high), r.randint(-5, 5), low, high]))


def exact(precision, scale):
    def make(r):
        digits = r.randint(-(10 ** r.randint(1, precision)) + 1, 10 ** r.randint(1, precision) - 1)
        return decimal.Decimal(digits).scaleb(-scale, decimal.Context(prec=40))

    # delta-rs reads the partition value -0.19 as 0.-19, and stops.
    return Type(f"decimal({precision}, {scale})", make, lambda v: f"{v:f}", may_part=scale == 0)


def floating(r):
    return r.choice([0.0, -0.0, 1.5, -2.25, 1e300, 5e-324, float(r.randint(-9, 9)), r.uniform(-1, 1)])


def instant(r):
    return EPOCH + datetime.timedelta(microseconds=r.choice([r.randint(-(10**15), 4 * 10**15), r.randint(0, 9), 1767225600000000 + r.randint(0, 99)]))


def instant_text(value):
    return json.dumps(value.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0"))


TYPES = [
    integer(8), integer(16), integer(32), integer(64), exact(9, 2), exact(18, 6), exact(38, 10), exact(20, 0),
    Type("bool", lambda r: r.random() < 0.5),
    Type("string", lambda r: r.choice(["", r.choice(WORDS), r.choice(WORDS), f"{r.choice(WORDS)}{r.randint(0, 99)}"]), lambda v: json.dumps(v, ensure_ascii="a" in v)),
    Type('enum("red", "green", "blue", "dark blue")', lambda r: r.choice(KIND_WORDS)),
    Type("date", lambda r: datetime.date(1970, 1, 1) + datetime.timedelta(days=r.choice([r.randint(-200000, 900000), r.randint(0, 3)])), lambda v: json.dumps(v.isoformat())),
    Type("timestamp", instant, instant_text),
    Type("float64", floating),
    Type("bytes", lambda r: bytes(r.randrange(256) for _ in range(r.choice([0, 1, 3, 20]))), lambda v: json.dumps(base64.b64encode(v).decode()), may_part=False),
]


class Column:
    def __init__(self, name, kind, may_be_null):
        self.name, self.kind, self.may_be_null = name, kind, may_be_null

    def make(self, r):
        return None if self.may_be_null and r.random() < 0.2 else self.kind.make(r)

    def declaration(self):
        return f"  {self.name}: {self.kind.text}{'?' if self.may_be_null else ''}\n"


def quoted(names):
    return ", ".join(names)


class Case:
    """One schema, one program and one log of changes."""

    def __init__(self, seed):
        self.seed, self.random = seed, random.Random(seed)
        r = self.random
        self.keys = [Column(f"k{i}", r.choice(TYPES), False) for i in range(r.choice([1, 1, 2, 3]))]
        self.values = [Column(f"v{i}", r.choice(TYPES), r.random() < 0.6) for i in range(r.randint(0, 5))]
        self.orders = [Column(f"o{i}", r.choice(TYPES), r.random() < 0.3) for i in range(r.choice([1, 1, 2]))]
        self.stays = [column for column in self.orders if r.random() < 0.3]
        self.stored = self.keys + self.values + self.stays
        self.partition = self.partition_make()
        self.has_delete, self.has_checkpoint = r.random() < 0.8, r.random() < 0.3
        self.has_history, self.has_truncate = r.random() < 0.5, r.random() < 0.3
        self.has_surrogate = r.random() < 0.3
        plain = [c.name for c in self.values + self.stays]
        self.tracked = r.choice([plain, r.sample(plain, r.randint(0, len(plain)))]) if plain else []
        self.log = self.log_make()

    def partition_make(self):
        fit = [c for c in self.stored if c.kind.may_part]
        count = self.random.choice([0, 0, 1, 1, 2])
        return self.random.sample(fit, min(count, len(fit), len(self.stored) - 1))

    def log_make(self):
        r = self.random
        pools = [[c.kind.make(r) for _ in range(r.choice([2, 3, 5]))] for c in self.keys]
        orders = {c.name: [c.make(r) for _ in range(r.choice([2, 5, 40]))] for c in self.orders}
        values = {c.name: [c.make(r) for _ in range(r.choice([1, 2, 5]))] for c in self.values}
        times = [EPOCH + datetime.timedelta(seconds=r.randint(0, 99)) for _ in range(r.choice([1, 5, 20]))]
        log = []
        for _ in range(r.choice([1, 5, 20, 60, 60, 300])):
            row = {c.name: r.choice(pool) for c, pool in zip(self.keys, pools)}
            row |= {name: r.choice(pool) for name, pool in (values | orders).items()}
            row["action"] = "delete" if self.has_delete and r.random() < 0.25 else "upsert"
            row["action"] = "truncate" if self.has_truncate and r.random() < 0.03 else row["action"]
            row["at"] = r.choice(times)
            log.append(row)
        return log

    def program(self):
        out = [c for c in self.orders if c not in self.stays] + [Column("action", None, False), Column("at", None, False)]
        partition = f"\n  partition ({quoted(c.name for c in self.partition)})" if self.partition else ""
        clauses = f"    order by {quoted(c.name for c in self.orders)}\n"
        clauses += '    delete when action == "delete"\n' if self.has_delete else ""
        clauses += '    truncate when action == "truncate"\n' if self.has_truncate else ""
        settings = self.history_setting() + ("\n  surrogate_key sk" if self.has_surrogate else "")
        return (
            "contract Change {\n" + "".join(c.declaration() for c in self.keys + self.values + self.orders)
            + '  action: enum("upsert", "delete", "truncate")\n  at: timestamp event_time\n}\n\nsource changes: Change {\n  files "in/*.ndjson"\n}\n\n'
            + f'table t {{\n  at "lake/t"\n  key ({quoted(c.name for c in self.keys)}){partition}{settings}\n}}\n\n'
            + f"flow latest {{\n  from changes\n  merge into t except {quoted(c.name for c in out)} {{\n{clauses}  }}\n}}\n"
        )

    def history_setting(self):
        """Whichever of the two kinds of columns is named, unless it is empty."""
        if not self.has_history:
            return ""
        plain = [c.name for c in self.values + self.stays]
        overwritten = [name for name in plain if name not in self.tracked]
        if not overwritten:
            return "\n  history scd2"
        return f"\n  history scd2 {{ overwrite ({quoted(overwritten)}) }}" if self.seed % 2 or not self.tracked else f"\n  history scd2 {{ track ({quoted(self.tracked)}) }}"

    def line(self, row):
        columns = self.keys + self.values + self.orders
        self.random.shuffle(columns)
        fields = [f'"{c.name}":{c.kind.write(row[c.name])}' for c in columns if row[c.name] is not None]
        return "{" + ",".join(fields + [f'"action":"{row["action"]}"', f'"at":{instant_text(row["at"])}']) + "}"

    def cut(self):
        """Runs of files of changes; some changes come twice."""
        r = self.random
        log = self.log + r.choices(self.log, k=r.randint(0, len(self.log) // 3))
        r.shuffle(log)
        runs = [[[] for _ in range(r.choice([1, 1, 2, 3]))] for _ in range(r.randint(1, 4))]
        files = [file for run in runs for file in run]
        for row in log:
            r.choice(files).append(row)
        return runs


class Model:
    def __init__(self, case):
        self.case, self.has_rejected = case, False
        self.changes, self.truncate = {}, None  # of each key: (order, arrival, row)
        self.arrival = 0

    def is_rejected(self, row):
        """Delta cannot tell an empty string from null in a partition column; a delete does not need it."""
        return row["action"] == "upsert" and any(row[c.name] == "" for c in self.case.partition)

    def key(self, row):
        return tuple(row[c.name] for c in self.case.keys)

    def order(self, row):
        return tuple((row[c.name] is not None, row[c.name]) for c in self.case.orders)

    def run(self, files):
        for row in (row for file in files for row in file):
            if self.is_rejected(row):
                self.has_rejected = True
                continue
            self.arrival += 1
            place = (self.order(row), self.arrival)
            if row["action"] == "truncate":
                self.truncate = max(self.truncate or place, place)
            else:
                self.changes.setdefault(self.key(row), []).append((place, row))

    def live(self):
        """Of each key what no truncate has taken, the newest last."""
        for key, changes in self.changes.items():
            left = [change for change in changes if self.truncate is None or change[0] > self.truncate]
            if left:
                yield key, sorted(left, key=lambda change: change[0])

    def versions(self, changes):
        """The history of one key."""
        at_time = {row["at"]: (place, row) for place, row in changes}
        rows, opened = [], None
        for time in sorted(at_time):
            place, row = at_time[time]
            place = (place[0], time)
            if opened is not None and row["action"] == "upsert" and all(opened["row"][n] == row[n] for n in self.case.tracked):
                opened["newest"] = max(opened["newest"], (place, row), key=lambda change: change[0])
                continue
            if opened is not None:
                opened["to"] = time
            opened = {"row": row, "newest": (place, row), "from": time, "to": None} if row["action"] == "upsert" else None
            rows += [opened] if opened is not None else []
        return rows

    def rows(self):
        names = [c.name for c in self.case.stored]
        if not self.case.has_history:
            newest = {key: changes[-1][1] for key, changes in self.live()}
            return {k: {n: row[n] for n in names} for k, row in newest.items() if row["action"] == "upsert"}
        rows = {}
        for key, changes in self.live():
            for v in self.versions(changes):
                values = {n: v["row"][n] if n in self.case.tracked or n in [c.name for c in self.case.keys] else v["newest"][1][n] for n in names}
                rows[key + (v["from"],)] = values | {"valid_from": v["from"], "valid_to": v["to"], "is_current": v["to"] is None}
        return rows


class World:
    """One table, made by the runs of one cut."""

    def __init__(self, case, flowc, root):
        self.case, self.flowc, self.root, self.table = case, flowc, root, root / "lake" / "t"
        self.surrogates = {}
        (root / "in").mkdir(parents=True)
        (root / "merge.flow").write_text(case.program())

    def run(self, files):
        for path in (self.root / "in").iterdir():
            path.unlink()
        for number, rows in enumerate(files):
            text = "".join(self.case.line(row) + "\n" for row in rows)
            (self.root / "in" / f"{number}.ndjson").write_text(text, encoding="utf-8")
        self.run_again()

    def run_again(self):
        command = [self.flowc, "run", "merge.flow"] + (["--checkpoint", "cp"] if self.case.has_checkpoint else [])
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
        assert done.returncode == 0, f"status {done.returncode}: {done.stderr}"

    def has_rejected(self):
        return (self.root / "merge.dlq").exists() or (self.root / "cp" / "dlq").exists()

    def rows(self):
        if not self.table.exists():
            return {}
        read = deltalake.DeltaTable(str(self.table)).to_pyarrow_table().to_pylist()
        names = [c.name for c in self.case.keys] + (["valid_from"] if self.case.has_history else [])
        rows = {tuple(row[n] for n in names): {k: v for k, v in row.items() if k not in ("_sequence", "sk")} for row in read}
        assert len(rows) == len(read), "a key stands in the table twice"
        self.judge_surrogates(names, read)
        return rows

    def judge_surrogates(self, names, read):
        """One for each key and version, the same in every run."""
        if not self.case.has_surrogate:
            return
        for row in read:
            key = tuple(row[n] for n in names)
            assert len(row["sk"]) == 32 and self.surrogates.setdefault(row["sk"], key) == key, "one surrogate key for two"
        assert len({row["sk"] for row in read}) == len(read), "a row has another's surrogate key"

    def version(self):
        return deltalake.DeltaTable(str(self.table)).version() if self.table.exists() else -1

    def actions(self, after):
        for version in range(after + 1, self.version() + 1):
            for line in (self.table / "_delta_log" / f"{version:020}.json").read_text().splitlines():
                yield json.loads(line)

    def judge_removed(self, after, before, now):
        """Every file that was replaced had a row that had to change; nothing is written where nothing changed."""
        changes = [action for action in self.actions(after) if "add" in action or "remove" in action]
        assert before != now or not changes, f"files were written, though no row changed: {changes}"
        removed = [action["remove"] for action in changes if "remove" in action]
        changed = {k for k in before if before[k] != now.get(k)}
        for remove in removed if not self.case.partition else []:
            rows = pyarrow.parquet.read_table(self.table / remove["path"]).to_pylist()
            names = [c.name for c in self.case.keys] + (["valid_from"] if self.case.has_history else [])
            held = {tuple(row[n] for n in names) for row in rows}
            assert held & changed, f"{remove['path']} was replaced, though none of its rows changed"


def difference(want, got):
    lines = [f"  {key}: wanted {want.get(key)}\n    got {got.get(key)}" for key in want.keys() | got.keys() if want.get(key) != got.get(key)]
    return "\n".join(lines[:5])


def judge_cut(case, world):
    model, before = Model(case), {}
    for number, files in enumerate(case.cut()):
        version = world.version()
        model.run(files)
        world.run(files)
        rows, wanted = world.rows(), model.rows()
        assert rows == wanted, f"after run {number}:\n{difference(wanted, rows)}"
        assert world.has_rejected() == model.has_rejected, "rows were rejected, or none was"
        world.judge_removed(version, before, rows)
        before = rows
    version = world.version()
    world.run_again()
    assert world.rows() == before, "the same run once more changed rows"
    assert case.has_checkpoint or world.version() == version, "the same run once more made a version"
    world.judge_removed(version, before, before)


def judge(options, seed):
    case = Case(seed)
    for number in range(options.cuts):
        root = pathlib.Path(options.keep or tempfile.gettempdir()) / f"flow-merge-{seed}-{number}"
        shutil.rmtree(root, ignore_errors=True)
        try:
            judge_cut(case, World(case, options.flowc, root))
        except Exception as problem:
            return f"seed {seed}, cut {number}, in {root}:\n{type(problem).__name__}: {problem}"
        shutil.rmtree(root)
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flowc", required=True)
    parser.add_argument("--seed", type=int, default=1, help="of the first case")
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--cuts", type=int, default=2, help="worlds for each log")
    parser.add_argument("--keep", help="where worlds are made; those of failures stay")
    options = parser.parse_args()
    with futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda seed: judge(options, seed), range(options.seed, options.seed + options.count)))
    problems = [problem for problem in found if problem]
    print("\n".join(problems + [f"{options.count} logs from seed {options.seed}, {len(problems)} failed"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
