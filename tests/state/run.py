#!/usr/bin/env python3
"""What a checkpoint keeps: `flowc state`, and what a changed program makes of it.

One program of totals runs over files that arrive, is changed, and runs on. Tables are read by `flowc table read`.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

TOTALS = """source numbers {
  columns { n: int64 }
  files "in/*.csv"
  settle 10 ms
}

table totals {
  at "lake/totals"
  key (is_even)
}

pipeline {
  trigger available_now
  checkpoint "cp"
  checkpoint_interval 10 ms
}

flow count {
  from numbers
  group by is_even = n % 2 == 0 {
    count = count()
    n = sum(n)
  }
  merge into totals
}
"""


class World:
    def __init__(self, flowc, folder):
        self.flowc, self.folder = flowc, folder
        self.files = 0
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.problems = []

    def wants(self, holds, text):
        if not holds:
            self.problems.append(text)
            print(text)

    def write(self, text, name="totals.flow"):
        (self.folder / name).write_text(text)

    def arrive(self, *numbers):
        self.files += 1
        (self.folder / "in").mkdir(exist_ok=True)
        hidden = self.folder / f"in/.{self.files:04}.csv"
        hidden.write_text("n\n" + "".join(f"{n}\n" for n in numbers))
        hidden.rename(self.folder / f"in/{self.files:04}.csv")

    def call(self, words):
        done = subprocess.run([self.flowc, *words.split()], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    def case(self, words, status, output=r"\A\Z", errors=r"\A\Z"):
        got, out, err = self.call(words)
        self.wants(got == status, f"flowc {words}: status {got}, wanted {status}\n{out}{err}")
        self.wants(re.search(output, out), f"flowc {words}: standard output is not /{output}/:\n{out}")
        self.wants(re.search(errors, err), f"flowc {words}: standard error is not /{errors}/:\n{err}")

    def rows(self, wanted, table="totals"):
        """The rows of the table as dicts, in any order."""
        status, out, err = self.call(f"table read lake/{table} --format json")
        found = [json.loads(line) for line in out.splitlines()]
        self.wants(status == 0 and sorted(found, key=repr) == sorted(wanted, key=repr),
                   f"lake/{table} has {found}, wanted {wanted} {err}")

    def files_of(self, path):
        return sorted((str(p), p.stat().st_mtime_ns) for p in (self.folder / path).rglob("*"))


def show(world):
    """Counts are exact, whatever the number of runs; nothing is touched; what is damaged is refused."""
    world.write(TOTALS)
    for numbers in ((1, 2, 3), (4, 6), (8,)):
        world.arrive(*numbers)
        world.case("run totals.flow", 0)
    before = world.files_of("cp")
    world.case("state show cp", 0, r"(?s)pipeline  totals\n.*\ngroup/count/group\(is_even\)/0 +2 +\d+ +3\n"
               r"source/numbers +3 +\d+ +3\n\nlast epochs\n( +\d+  2\S+Z  committed\n){3}\Z")
    status, out, _ = world.call("state show cp --format json")
    shown = json.loads(out)
    kept = {(one["kind"], one["name"]): one["keys"] for one in shown["operators"]}
    world.wants(status == 0 and kept == {("group", "count/group(is_even)/0"): 2, ("source", "numbers"): 3}, f"it keeps {kept}")
    epochs = shown["epochs"]
    world.wants([one["epoch"] for one in epochs] == sorted((one["epoch"] for one in epochs), reverse=True) and
                epochs[0]["ledger"]["sources"][0]["in"] == 1 and all(one["committed"] for one in epochs), f"epochs: {epochs}")
    world.wants(world.files_of("cp") == before, "state show has changed something")
    world.case("state show in", 2, errors="in is no checkpoint: it has no FORMAT")
    world.case("state", 2, errors="takes show")
    world.case("state forget cp", 2, errors="no `forget`")
    shutil.copytree(world.folder / "cp", world.folder / "damaged")
    run = max((world.folder / "damaged/state").iterdir())
    content = bytearray(run.read_bytes())
    content[80] ^= 1
    run.write_bytes(content)
    world.case("state show damaged", 6, errors=rf"E702 damaged/state/{run.name}: at byte")
    run.unlink()
    world.case("state show damaged", 6, errors=r"E702|cannot open")


def show_of_a_run(world):
    """While epochs are decided and collected under its feet, it still finds one that is whole."""
    run = subprocess.Popen([world.flowc, "run", "totals.flow", "--trigger", "files_arrive"], cwd=world.folder,
                           env=world.environment, stderr=subprocess.PIPE, text=True)
    seen = 0
    for n in range(40):
        world.arrive(n)
        if n % 4 == 3:
            status, out, err = world.call("state show cp --format json")
            world.wants(status == 0, f"while it runs: {status} {err}")
            keys = {one["kind"]: one["keys"] for one in json.loads(out)["operators"]} if status == 0 else {"source": seen}
            world.wants(keys["source"] >= seen, f"{keys} after {seen} files")
            seen = keys["source"]
    run.send_signal(signal.SIGTERM)
    _, errors = run.communicate(timeout=60)
    world.wants(run.returncode == 0 and errors == "", f"{run.returncode} {errors}")


WINDOWS = """source readings {
  columns { at: timestamp event_time, value: int64 }
  files "in/*.csv"
  lateness 10 seconds
}

table sums {
  at "lake/sums"
}

pipeline {
  trigger available_now
  checkpoint "cp"
}

flow count {
  from readings
  window tumbling 1 minute as minute
  group { value = sum(value) }
  append into sums
}
"""

JOINED = """source views {
  columns { id: int64, at: timestamp event_time }
  files "in/*.csv"
}

source clicks {
  columns { id: int64, at: timestamp event_time, one: int64?, two: int64? }
  files "clicks/*.csv"
}

pipeline {
  trigger available_now
  checkpoint "cp"
}

flow pairs {
  from views
  join clicks as c on id == c.id within 1 hour
  select id, at, one = c.one
  append into "lake/pairs"
}
"""

SHARED = """source xs {
  columns { k: string, at: timestamp event_time }
  files "xs/*.csv"
}

source zs {
  columns { k: string, at: timestamp event_time }
  files "zs/*.csv"
}

pipeline {
  trigger available_now
  checkpoint "cp"
}

flow a {
  from xs
  window tumbling 1 minute
  group by k { n = count() }
  append into "lake/a"
}

flow zz {
  from zs
  where k != ""
}

flow b {
  from xs
  window tumbling 1 minute
  late into "lake/late"
  group by k { n = count() }
  append into "lake/b"
}

flow c {
  from zz
  append into "lake/c"
}
"""

GROUP = "group/count/group(is_even)/0"
COUNT = 'flow count {'
PATTERN = re.escape(GROUP)


def begin(world):
    """Totals of 1 .. 4 in two epochs."""
    world.write(TOTALS)
    for numbers in ((1, 2, 3), (4,)):
        world.arrive(*numbers)
        world.case("run totals.flow", 0)
    world.rows([{"is_even": True, "count": 2, "n": 6}, {"is_even": False, "count": 2, "n": 4}])


def grown(world):
    """A filter, a column, another flow, another group: what was counted stays."""
    begin(world)
    world.write(TOTALS.replace("  group by is_even", "  where n < 100\n  derive twice = n * 2\n  group by is_even") + """
flow all {
  from numbers
  append into "lake/all"
}

table by_three {
  at "lake/by_three"
  key (rest)
}

flow thirds {
  from numbers
  group by rest = cast(n % 3 as int8) {
    count = count()
  }
  state unbounded
  merge into by_three
}
""")
    world.case("state check cp --program totals.flow", 0, rf"\Akeep +{PATTERN}\nnew +group/thirds/group\(rest\)/0\n"
               r"keep +source/numbers\n\Z")
    world.arrive(5, 6, 100)
    world.case("run totals.flow", 0)
    world.rows([{"is_even": True, "count": 3, "n": 12}, {"is_even": False, "count": 3, "n": 9}])
    world.rows([{"n": 5}, {"n": 6}, {"n": 100}], "all")
    world.case("state check cp --program totals.flow", 0, r"keep +group/thirds")


def changed(world):
    """Other aggregates, and a step that has gone: nothing is dropped unless somebody says so, by its name."""
    begin(world)
    for text, why in ((TOTALS.replace("sum(n)", "max(n)"), "has other keys or aggregates"),
                      (TOTALS.replace("is_even", "is_odd").replace("lake/totals", "lake/odd"),
                       r"has no such step any more; if group/count/group\(is_odd\)/0 is"),
                      (TOTALS.replace(COUNT, "flow amount {"), r"if group/amount/group\(is_even\)/0 is the same one, `flow NEW was"),
                      (TOTALS[:TOTALS.index("  group")] + '  append into "lake/all"\n}\n', r"no such step any more\n")):
        world.write(text)
        before = world.files_of("lake")
        world.case("state check cp --program totals.flow", 1, rf"(?s)drop +{PATTERN}: .*{why}")
        world.case("run totals.flow", 6, errors=rf"E730 cp: {PATTERN}: .*: --drop-state '{PATTERN}' forgets it")
        world.wants(world.files_of("lake") == before, "what was refused has changed a table")
    world.write(TOTALS.replace("sum(n)", "max(n)"))
    world.arrive(10)
    world.case("run totals.flow --drop-state group/counts", 2, errors="--drop-state group/counts: cp keeps nothing of that name")
    world.case("run totals.flow --trigger once --drop-state " + GROUP, 2, errors="a batch uses no state")
    world.case("run totals.flow --drop-state " + GROUP, 0)
    world.rows([{"is_even": True, "count": 1, "n": 10}, {"is_even": False, "count": 2, "n": 4}])
    _, out, _ = world.call("state show cp --format json")
    changes = [one["changes"] for one in json.loads(out)["epochs"]]
    world.wants([len(one) for one in changes] == [1, 0, 0] and changes[0][0]["dropped"].startswith(GROUP + "#"), f"{changes}")
    world.case("state check cp --program totals.flow", 0, rf"\Akeep +{PATTERN}\n")
    world.arrive(12)
    world.case("run totals.flow", 0)
    world.rows([{"is_even": True, "count": 2, "n": 12}, {"is_even": False, "count": 2, "n": 4}])


def renamed(world):
    """`flow new was old`: the totals go on, also when the program forgets how it was called."""
    begin(world)
    new = "group/amount/group(is_even)/0"
    world.write(TOTALS.replace(COUNT, "flow amount was count {"))
    world.case("state check cp --program totals.flow", 0, rf"\Akeep +{re.escape(new)}: it was {PATTERN}\n")
    world.case("state check cp --program totals.flow --format json", 0,
               rf'\A{{"operator":"{re.escape(new)}","verdict":"keep","note":"it was {PATTERN}"}}\n')
    world.arrive(5, 7)
    world.case("run totals.flow", 0)
    world.rows([{"is_even": True, "count": 2, "n": 6}, {"is_even": False, "count": 4, "n": 16}])
    world.case("state show cp", 0, rf'committed  {{"renamed":"{PATTERN}#[0-9a-f]+","to":"{re.escape(new)}#[0-9a-f]+"}}\n')
    for text in ("flow amount was count {", "flow amount {"):
        world.write(TOTALS.replace(COUNT, text))
        world.case("state check cp --program totals.flow", 0, rf"\Akeep +{re.escape(new)}\n")
        world.arrive(8)
        world.case("run totals.flow", 0)
    world.rows([{"is_even": True, "count": 4, "n": 22}, {"is_even": False, "count": 4, "n": 16}])


MANY = TOTALS.replace("  key (is_even)\n", "  key (is_even)\n  schema evolve\n").replace("    n = sum(n)\n", """    n = sum(n)
    tens = sum(n * 10)
    mean = avg(cast(n as decimal(12, 2)))
    several = count_distinct(n)
    low = min(cast(n as string))
    middle = median(n)
""")


def row(is_even, count, n, tens, mean, several, low, middle, **more):
    return {"is_even": is_even, "count": count, "n": n, "tens": tens, "mean": mean, "several": several, "low": low,
            "middle": middle, **more}


def migrated(world):
    """An aggregate more begins to count, and says so once; the others go on, whatever their order. One less is forgotten."""
    world.write(MANY)
    world.arrive(1, 2, 3, 22, 22)
    world.case("run totals.flow", 0)
    odd = row(False, 2, 4, 40, 2.0, 2, "1", 2.0)
    world.rows([row(True, 3, 46, 460, 15.333333, 2, "2", 22.0), odd])

    order = MANY.replace("    tens = sum(n * 10)\n", "").replace("    n = sum(n)\n", "    tens = sum( n * 10 )\n    n = sum(n)\n")
    world.write(order)
    world.case("state check cp --program totals.flow", 0, rf"migrate +{PATTERN}: its aggregates stand in another order\n")
    world.arrive(4)
    world.case("run totals.flow", 0, errors="another order")
    world.rows([row(True, 4, 50, 500, 12.5, 3, "2", 13.0), odd])

    more = order.replace("    count = count()\n", "    top = max(n)\n    count = count()\n    rows = count(n)\n")
    world.write(more)
    note = r"`max\(n\)` counts from now on, `count\(n\)` counts from now on\n"
    world.case("state check cp --program totals.flow", 0, rf"migrate +{PATTERN}: {note}")
    world.case("state check cp --program totals.flow", 0, r"keep +source/numbers\n\Z")
    world.arrive(6, 6)
    world.case("run totals.flow", 0, errors=rf"\Aflow: state {PATTERN}: {note}\Z")
    even = row(True, 6, 62, 620, 10.333333, 4, "2", 6.0, top=6, rows=2)
    world.rows([even, {**odd, "top": None, "rows": None}])
    world.case("state show cp", 0, rf"(?s)\ncount from a later time\n  {PATTERN}: max\(n\) since 2\S+Z\n  {PATTERN}: count\(n\) since "
               r'.*committed  {"migrated":')
    world.arrive(5)
    world.case("run totals.flow", 0)
    odd = row(False, 3, 9, 90, 3.0, 3, "1", 3.0, top=5, rows=1)
    world.rows([even, odd])

    fewer = more.replace("lake/totals", "lake/fewer")
    for line in ("    several = count_distinct(n)\n", "    mean = avg(cast(n as decimal(12, 2)))\n"):
        fewer = fewer.replace(line, "")
    world.write(fewer)
    world.arrive(7)
    note = r"`avg\(cast\(nasdecimal\(12,2\)\)\)` is forgotten, `count_distinct\(n\)` is forgotten\n"
    world.case("state check cp --program totals.flow", 0, rf"migrate +{PATTERN}: {note}")
    world.case("run totals.flow", 0, errors=note)
    odd = {key: value for key, value in odd.items() if key not in ("several", "mean")}
    world.rows([{**odd, "count": 4, "n": 16, "tens": 160, "middle": 4.0, "top": 7, "rows": 2}], "fewer")
    status, out, _ = world.call("state show cp --format json")
    since = json.loads(out)["since"]
    world.wants([one["aggregate"] for one in since] == ["max(n)", "count(n)"] and since[0]["since"] == since[1]["since"], out)


def set_back(world):
    """A checkpoint that is older than its tables is refused: what it would write looks as if it were there already."""
    begin(world)
    shutil.copytree(world.folder / "cp", world.folder / "older")
    for n in (5, 6):
        world.arrive(n)
        world.case("run totals.flow", 0)
    shutil.rmtree(world.folder / "cp")
    (world.folder / "older").rename(world.folder / "cp")
    world.arrive(7)
    before = world.files_of("lake/totals/_delta_log")
    world.case("run totals.flow", 6, errors=r"E721 table lake/totals: it has an epoch of this pipeline that the checkpoint does not know")
    world.wants(world.files_of("lake/totals/_delta_log") == before, "what was refused has changed the table")


def windows(world):
    """Event times are shown; a renamed flow goes on with its open windows, and none closes twice."""
    def arrive(*rows):
        world.arrive(*rows)
        path = world.folder / f"in/{world.files:04}.csv"
        path.write_text(path.read_text().replace("n\n", "at,value\n", 1))

    world.write(WINDOWS, "windows.flow")
    arrive("2026-01-01T00:00:30Z,1", "2026-01-01T00:01:20Z,2", "2026-01-01T00:01:40Z,4")
    world.case("run windows.flow", 0)
    closed = {"minute": "2026-01-01T00:00:00Z", "value": 1}
    world.rows([closed], "sums")
    world.case("state show cp", 0, r"(?s)\nwatermarks +\d.*\nevent times\n  source readings: newest 2026-01-01T00:01:40Z\n"
               r"  step count/\S+: watermark 2026-01-01T00:01:30Z\n\nlast epochs\n")
    _, out, _ = world.call("state show cp --format json")
    world.wants(json.loads(out)["event_times"][0] == {"source": "readings", "newest": "2026-01-01T00:01:40Z"}, out)
    world.write(WINDOWS.replace("flow count", "flow total was count"), "windows.flow")
    world.case("state check cp --program windows.flow", 0, r"keep +group/total/.*: it was group/count/")
    arrive("2026-01-01T00:01:50Z,8", "2026-01-01T00:02:30Z,16")
    world.case("run windows.flow", 0)
    world.rows([closed, {"minute": "2026-01-01T00:01:00Z", "value": 14}], "sums")
    world.case("state show cp", 0, r"step total/\S+: watermark 2026-01-01T00:02:20Z\n")


def joined(world):
    """Rows of a join of streams wait for others under the flow's new name, too; another span refuses them."""
    def arrive(folder, number, text):
        (world.folder / folder).mkdir(exist_ok=True)
        (world.folder / folder / f"{number}.csv").write_text("id,at\n" + text)

    band = re.escape("band/pairs/")
    world.write(JOINED, "joined.flow")
    arrive("in", 1, "1,2026-01-01T00:00:00Z\n")
    arrive("clicks", 1, "2,2026-01-01T00:00:00Z\n")
    world.case("run joined.flow", 0)
    world.case("state check cp --program joined.flow", 0, rf"\Akeep +{band}[^/]+/0/ours\nkeep +{band}[^/]+/0/theirs\nkeep +source/clicks\n")
    world.write(JOINED.replace("1 hour", "2 hours"), "joined.flow")
    world.case("state check cp --program joined.flow", 1, rf"\Adrop +{band}[^/]+/0/ours: what is kept has other columns or bounds")
    world.case("run joined.flow", 6, errors=rf"E730 cp: {band}[^/]+/0/ours: what is kept has other columns or bounds")
    world.write(JOINED.replace("c.one", "c.two"), "joined.flow")
    world.case("state check cp --program joined.flow", 1, rf"drop +{band}[^/]+/0/theirs: what is kept has other columns or bounds")
    world.write(JOINED[:JOINED.index("  join")] + '  append into "lake/views"\n}\n', "joined.flow")
    world.case("state check cp --program joined.flow", 1, rf"\Adrop +{band}[^/]+/0/ours: the program has no such step any more\n")
    world.write(JOINED.replace("flow pairs", "flow both was pairs"), "joined.flow")
    world.case("state check cp --program joined.flow", 0, rf"\Akeep +band/both/[^/]+/0/ours: it was {band}[^/]+/0/ours\n")
    arrive("clicks", 2, "1,2026-01-01T00:30:00Z\n")
    world.case("run joined.flow", 0)
    world.rows([{"id": 1, "at": "2026-01-01T00:00:00Z", "one": None}], "pairs")


def shared(world):
    """Of two steps with the same sources each keeps its own watermark: what one has closed stays closed when the other goes."""
    def arrive(folder, number, *rows):
        (world.folder / folder).mkdir(exist_ok=True)
        (world.folder / folder / f"{number}.csv").write_text("k,at\n" + "".join(f"{k},2026-01-01T00:{at}Z\n" for k, at in rows))

    world.write(SHARED, "shared.flow")
    arrive("xs", 1, ("a", "00:10"), ("a", "10:00"))
    world.case("run shared.flow", 0)
    world.write(SHARED.replace("from xs\n  window tumbling 1 minute\n  late", "from xs\n  union zz\n  window tumbling 1 minute\n  late"), "shared.flow")
    arrive("zs", 2, ("a", "00:20"))
    world.case("run shared.flow", 0)
    arrive("xs", 3, ("a", "20:00"))
    arrive("zs", 3, ("a", "20:00"))
    world.case("run shared.flow", 0)
    world.rows([{"k": "a", "at": "2026-01-01T00:00:20Z"}], "late")


def refused(world):
    """What a run would refuse, and what is not asked rightly."""
    begin(world)
    world.write(TOTALS.replace("numbers", "integers"))
    world.case("state check cp --program totals.flow", 6, r"(?s)keep +source/numbers: the program has no such source.*"
               r"refuse +source: E730 cp: the source `numbers`.* would read it again")
    world.case("run totals.flow", 6, errors=r"E730 cp: the source `numbers`")
    world.write(TOTALS, "other.flow")
    world.case("state check cp --program other.flow", 6, errors="belongs to the program `totals`, not to `other`")
    world.write(TOTALS.replace("sum(n)", "sum(m)"))
    world.case("state check cp --program totals.flow", 1, errors="E0")
    world.case("state check cp", 2, errors="--program FILE")
    world.case("state check in --program totals.flow", 2, errors="in is no checkpoint")
    world.write("param least: int64\n" + TOTALS.replace("  group", "  where n > least\n  group"))
    world.case("state check cp --program totals.flow", 2, errors="the param least has no default")
    world.case("state check cp --program totals.flow --param least=1", 0, r"keep")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flowc", type=pathlib.Path)
    args = parser.parse_args()
    problems = 0
    for test in (show, show_of_a_run, grown, changed, renamed, migrated, set_back, windows, joined, shared, refused):
        with tempfile.TemporaryDirectory() as scratch:
            world = World(args.flowc.resolve(), pathlib.Path(scratch))
            if test is show_of_a_run:
                world.write(TOTALS)
                world.arrive(1)
                world.case("run totals.flow", 0)
            test(world)
            problems += len(world.problems)
    print(f"{problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
