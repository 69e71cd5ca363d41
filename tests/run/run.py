#!/usr/bin/env python3
"""Whole programs: program and input in, tables and ledger out.

tests/run/NAME/
  program.flow      what is run, in a private copy of the folder
  …                 its input, wherever the program says
  args              further arguments of `flowc run`, one a line (optional)
  before.flow       another program that is run once before it, for tables that are there already (optional)
  again             how often the program is run (a number; optional, 1)
  arrive/N/…        what is copied into the world before run N, if there is such a folder (optional)
  in_epochs         it must give the same rows under `available_now`, each file in an epoch of its own, and what arrives
                    there from the beginning (optional, empty)
  without           rewrites, one a line, each of which the program must give the same without (optional)
  want/TABLE.ndjson all rows of the Delta table lake/TABLE (or of the files out/TABLE), in any order
  want/TABLE.sql    DuckDB computes the same rows from the input (optional); the result must equal the table
  want/TABLE.part.sql  the same, but for the columns that the query names alone (say: class and code in the DLQ)
  want/ledger.json  what --summary json says of flows and sources
  want/stdout       standard output, when it is not empty
  want/status       the exit status, when it is not 0
--update rewrites what is wanted (not the SQL). Tables are read by delta-rs and pyarrow, not by Flow.
"""
import argparse
import datetime
import decimal
import glob
import hashlib
import json
import math
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
EPHEMERAL = {"rejected_at", "_sequence"}
IN_EPOCHS = ["--trigger", "available_now", "--checkpoint", "epochs"]


def plain(value):
    """A value as JSON that tells all digits apart."""
    if isinstance(value, (datetime.datetime,)):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        text = value.isoformat(timespec="microseconds")
        return text.rstrip("0").rstrip(".") + "Z" if "." in text else text + "Z"
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, (bytes, bytearray)):
        return "0x" + bytes(value).hex()
    if isinstance(value, float):
        if math.isnan(value):
            return "NaN"
        if math.isinf(value):
            return "Infinity" if value > 0 else "-Infinity"
        return 0.0 if value == 0 else value
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, tuple):  # pyarrow's entry of a map
        return {"key": plain(value[0]), "value": plain(value[1])}
    return value


def lines_of(rows):
    rows = [{k: plain(v) for k, v in row.items() if k not in EPHEMERAL} for row in rows]
    return sorted(json.dumps(row, ensure_ascii=False) for row in rows)


def table_rows(path):
    import deltalake
    return deltalake.DeltaTable(str(path)).to_pyarrow_table().to_pylist()


def avro_rows(path):
    """As fastavro reads them; Polars, which has no maps, must read the same."""
    import fastavro
    import polars
    with open(path, "rb") as file:
        reader = fastavro.reader(file)
        rows = list(reader)
        has_maps = '"map"' in reader.metadata["avro.schema"]
    if not has_maps and lines_of(polars.read_avro(path).to_dicts()) != lines_of(rows):
        raise ValueError(f"{path}: Polars reads other rows than fastavro")
    return rows


def file_rows(folder):
    rows = []
    for path in sorted(glob.glob(str(folder / "*"))):
        if path.endswith(".ndjson"):
            rows += [json.loads(line) for line in open(path, encoding="utf-8")]
        elif path.endswith(".json"):
            rows += json.load(open(path, encoding="utf-8"))
        elif path.endswith(".parquet"):
            import pyarrow.parquet
            rows += pyarrow.parquet.read_table(path).to_pylist()
        elif path.endswith(".avro"):
            rows += avro_rows(path)
        elif path.endswith(".csv"):
            import csv
            rows += list(csv.DictReader(open(path, encoding="utf-8", newline="")))
    return rows


def sql_rows(query, folder):
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    before = os.getcwd()
    os.chdir(folder)
    try:
        cursor = connection.execute(query)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row)) for row in cursor.fetchall()]
    finally:
        os.chdir(before)


def part_of(row, wanted):
    """A row with just the columns that are wanted; nobody may want nothing of rows that are there."""
    names = wanted[0].keys() if wanted else ()
    values = json.loads(row)
    return json.dumps({name: values.get(name) for name in names}, ensure_ascii=False)


def without_epoch(row):
    return json.dumps({name: value for name, value in json.loads(row).items() if name != "epoch"}, ensure_ascii=False)


def near(a, b):
    """Floats of two engines may differ in the last place."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(near(a[k], b[k]) for k in a)
    if isinstance(a, float) and isinstance(b, float):
        return a == b or abs(a - b) <= math.ulp(max(abs(a), abs(b)))
    return a == b


def differs(want, got):
    if len(want) != len(got):
        return True
    return any(not near(json.loads(a), json.loads(b)) for a, b in zip(want, got))


def needs_only_libc(executable):
    """What the loader would bring along, besides itself."""
    listed = subprocess.run(["ldd", executable], capture_output=True, text=True).stdout
    names = {line.split()[0].split(".so")[0] for line in listed.splitlines()}
    return {name for name in names if name.startswith("lib")} <= {"libc", "libm"}


class CannotBuild(Exception):
    """There is no executable to run; the text says why."""


class Case:
    def __init__(self, folder, flowc, update, as_executable):
        self.folder, self.flowc, self.update, self.as_executable = folder, flowc, update, as_executable
        self.want = folder / "want"
        self.problems = []
        self.epochs = 0

    def read(self, name, default=""):
        path = self.folder / name
        return path.read_text() if path.exists() else default

    def run(self):
        """The results are judged once; more workers must give the same bytes, and so must fewer rewrites."""
        try:
            self.run_with_all()
        except CannotBuild as failure:
            self.problems.append(str(failure))
        return self.problems

    def run_with_all(self):
        alone = self.run_with(1, True)
        for workers in (2, 5) if not self.as_executable else (2,):
            self.compare_runs(alone, self.run_with(workers, False), f"{workers} workers")
        for rewrite in self.read("without").split() if not self.as_executable else ():
            self.compare_runs(alone, self.run_with(1, False, ["--without", rewrite]), f"--without {rewrite}")
        if (self.folder / "in_epochs").exists() and not self.as_executable:
            self.compare_epochs()

    def compare_epochs(self):
        """Rows and lines in any order and the ledger are the same; files are not, and the DLQ says the epoch."""
        wanted = self.run_with(1, False, seen=self.seen_as_rows)
        found = self.run_with(1, False, IN_EPOCHS, seen=self.seen_as_rows)
        self.compare_runs(wanted, found, "an epoch for each file")
        if self.epochs < 2:
            self.problems.append(f"in_epochs: {self.epochs} epoch: the test shows nothing")

    def seen_as_rows(self, world, status, ledger, output, errors):
        self.epochs = max([0, *(json.loads(line)["epochs"] for line in errors.splitlines() if line.startswith('{"flows"'))])
        rows = {name: [without_epoch(row) for row in lines] for name, lines in self.tables(world).items()}
        seen = rows | {"status": status}
        if not (self.folder / "again").exists():  # else these are of the last run
            seen |= {"ledger": ledger, "standard output": sorted(output.splitlines())}
        return seen

    def compare_runs(self, alone, other, how):
        for name in sorted(alone.keys() | other.keys()):
            if alone.get(name) != other.get(name):
                self.problems.append(f"{name} is not the same with {how} as with one worker:\n"
                                     f"{alone.get(name)}\nwith {how}:\n{other.get(name)}")

    def make_world(self, world, runs, in_epochs):
        shutil.copytree(self.folder, world, ignore=shutil.ignore_patterns("want", "arrive"))
        if not in_epochs:
            return
        for run in range(runs):
            self.arrive(world, run + 1)
        program = world / "program.flow"
        text, count = re.subn(r"^(pipeline\b[^{]*\{)", r"\1\n  checkpoint_interval 1 us", program.read_text(), flags=re.M)
        program.write_text(text if count else text + "\npipeline {\n  checkpoint_interval 1 us\n}\n")

    def arrive(self, world, run):
        if (self.folder / "arrive" / str(run)).exists():
            shutil.copytree(self.folder / "arrive" / str(run), world, dirs_exist_ok=True)

    def run_with(self, workers, is_judged, options=(), seen=None):
        with tempfile.TemporaryDirectory() as temporary:
            world = pathlib.Path(temporary) / "world"
            runs = int(self.read("again", "1"))
            self.make_world(world, runs, options is IN_EPOCHS)
            runs = 1 if options is IN_EPOCHS else runs
            status, ledger, output, errors = 0, "", b"", ""
            if (world / "before.flow").exists():
                subprocess.run([self.flowc, "run", "before.flow", "--parallelism", str(workers)], cwd=world, check=True)
            start = self.build(world) if self.as_executable else [self.flowc, "run", "program.flow"]
            start = [*start, "--parallelism", str(workers), *options]
            for run in range(runs):
                self.arrive(world, run + 1)
                command = [*start, "--summary", "json", *self.read("args").split("\n")]
                done = subprocess.run([c for c in command if c], cwd=world, capture_output=True)
                errors = done.stderr.decode("utf-8", "replace")
                status, output = done.returncode, done.stdout
            ledger = self.ledger(errors)
            if seen:
                return seen(world, status, ledger, output, errors)
            if is_judged:
                self.judge(world, status, ledger, output.decode("utf-8", "replace"), errors)
            said = "".join(line + "\n" for line in errors.splitlines() if not line.startswith("{"))
            return {"status": status, "ledger": ledger, "standard output": output, "standard error": said} | \
                self.files(world)

    def files(self, world):
        """What was written, under names without what is new in every run; the DLQ holds the time of the run."""
        found = {}
        dead_letters = {pathlib.Path(place).name for place in re.findall(r'\bdlq "([^"]+)"', self.read("program.flow"))}
        for path in sorted(world.rglob("*")):
            place = path.relative_to(world)
            is_data = place.parts[0] in ("lake", "out") and not ({"_delta_log", "_flow"} | dead_letters) & set(place.parts)
            if path.is_file() and is_data and not (self.folder / place).exists():
                found.setdefault(f"{place.parent}/*{path.suffix}", []).append(hashlib.sha256(path.read_bytes()).hexdigest())
        for log in world.rglob("_delta_log"):
            place = log.parent.relative_to(world)
            if (self.folder / place).exists():
                continue  # given by the test, perhaps on purpose a table that nobody can read
            rows = table_rows(log.parent)
            has_clock = rows and "_sequence" in rows[0]  # of a group without a window it is the time of the run
            if log.parent.name in dead_letters or log.parent.name.endswith(".dlq") or has_clock:
                found = {name: hashes for name, hashes in found.items() if not name.startswith(f"{place}/")}
                found[str(place)] = lines_of(rows)
        return {name: sorted(hashes) for name, hashes in found.items()}

    def build(self, world):
        """The program's executable, which must need nothing but libc and libm."""
        executable = world.parent / "program"
        command = [self.flowc, "build", "program.flow", "-o", executable]
        place = world.parent / "elsewhere"  # an executable meets its tables where it runs, not where it is built,
        if (world / "before.flow").exists():
            place = world  # but here the program is about tables that it knows
        else:
            place.mkdir()
            shutil.copy(world / "program.flow", place)
        done = subprocess.run(command, cwd=place, capture_output=True, text=True)
        if done.returncode != 0 and place != world:  # it reads a table that must be there to be compiled
            done = subprocess.run(command, cwd=world, capture_output=True, text=True)
        if done.returncode != 0:
            raise CannotBuild(f"flowc build: status {done.returncode}\n{done.stderr}")
        if not needs_only_libc(executable):
            self.problems.append("flowc build: the executable needs more than libc and libm")
        return [executable]

    def ledger(self, errors):
        for line in errors.splitlines():
            if line.startswith('{"flows"'):
                summary = json.loads(line)
                return json.dumps({"flows": summary["flows"], "sources": summary["sources"]}, indent=1) + "\n"
        return ""

    def tables(self, world):
        found = {path.parent.name: lines_of(table_rows(path.parent)) for path in (world / "lake").glob("*/_delta_log")}
        for folder in (world / "out").glob("*"):
            found[folder.name] = lines_of(file_rows(folder))
        return found

    def judge(self, world, status, ledger, output, errors):
        found = self.tables(world)
        expected = {"status": str(status) + "\n" if status else "", "ledger.json": ledger, "stdout": output}
        expected |= {name + ".ndjson": "".join(line + "\n" for line in rows) for name, rows in found.items()}
        if self.update:
            self.write(expected)
        for name, text in expected.items():
            self.compare(name, text, errors)
        for path in self.want.glob("*"):
            if path.suffix != ".sql" and path.name not in expected:
                self.problems.append(f"{path.name}: wanted, but nothing like it was written\n{errors}")
        for path in self.want.glob("*.sql"):
            is_part = path.stem.endswith(".part")
            self.judge_sql(path, found.get(path.stem.removesuffix(".part"), []), world, is_part)

    def write(self, expected):
        self.want.mkdir(exist_ok=True)
        for path in self.want.glob("*"):
            if path.suffix != ".sql":
                path.unlink()
        for name, text in expected.items():
            if text:
                (self.want / name).write_text(text)

    def compare(self, name, text, errors):
        path = self.want / name
        want = path.read_text() if path.exists() else ""
        if name.endswith(".ndjson"):
            if differs(want.splitlines(), text.splitlines()):
                self.problems.append(self.difference(name, want.splitlines(), text.splitlines()) + errors)
        elif want != text:
            self.problems.append(f"{name}: wanted\n{want}\ngot\n{text}\n{errors}")

    def judge_sql(self, path, rows, world, is_part):
        wanted = sql_rows(path.read_text(), world)
        if is_part:
            rows = sorted(part_of(row, wanted) for row in rows)
        wanted = lines_of(wanted)
        if differs(wanted, rows):
            self.problems.append(self.difference(f"{path.name} (DuckDB's answer is wanted)", wanted, rows))

    @staticmethod
    def difference(name, want, got):
        missing = [row for row in want if row not in got][:5]
        extra = [row for row in got if row not in want][:5]
        text = f"{name}: {len(want)} rows wanted, {len(got)} got\n"
        return text + "".join(f"  missing {row}\n" for row in missing) + "".join(f"  extra   {row}\n" for row in extra)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--flowc", required=True)
    options.add_argument("--update", action="store_true")
    options.add_argument("--executable", action="store_true", help="run what `flowc build` makes")
    options.add_argument("names", nargs="*")
    arguments = options.parse_args()
    folders = sorted(path.parent for path in HERE.glob("*/program.flow"))
    unknown = set(arguments.names) - {folder.name for folder in folders}
    if unknown:
        sys.exit(f"no program is called {', '.join(sorted(unknown))}")
    folders = [folder for folder in folders if not arguments.names or folder.name in arguments.names]
    failed = 0
    for folder in folders:
        problems = Case(folder, str(pathlib.Path(arguments.flowc).resolve()), arguments.update, arguments.executable).run()
        print(("FAIL " if problems else "ok   ") + folder.name)
        for problem in problems:
            print("  " + problem.replace("\n", "\n  "))
        failed += bool(problems)
    print(f"{failed} of {len(folders)} failed" if failed else f"all {len(folders)} passed")
    return 1 if failed or not folders else 0


if __name__ == "__main__":
    sys.exit(main())
