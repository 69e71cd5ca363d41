#!/usr/bin/env python3
"""The command line: what `flowc` answers to right and wrong words, where it prints it, and its exit status.

Each case: arguments, status, a regular expression for standard output, one for standard error. They run in one
scratch folder with a program that is right, one that is wrong, and the table that the right one has written.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

GOOD = """param least: int64 = 0

source readings {
  columns {
    id: int64
    name: string?
  }
  files "in/*.ndjson"
}

table kept {
  at "lake/kept"
}

flow keep {
  from readings
  where id > least
  append into kept
}
"""
GIVEN = """param xs: list(string) = ["a"]
param wait: duration = 1 hour
param kind: enum("a", "b") = "a"

source ones {
  columns { id: int64 }
  files "one.ndjson"
}

flow f {
  from ones
  select xs = size(xs), wait, kind
  append into stdout
}
"""
STYLED = """param gap: string = ";"
param nothing: string

source ones {
  columns { id: int64, name: string? }
  files "one.ndjson"
}

sink listed {
  files "out/listed"
  format csv { delimiter gap, null nothing }
}

flow f {
  from ones
  select name
  append into listed
}
"""
FROM_ENVIRONMENT = """source ones {
  columns { id: int64 }
  files env("ONES")
  format csv { delimiter env("DELIMITER"), header env("HEADER") }
}

flow f {
  from ones
  append into "lake/ones"
}

pipeline p {
  memory env("MEMORY")
  parallelism env("WORKERS")
}

test "a test has no environment" {
  given ones [ { id = 1 } ]
  expect "lake/ones" [ { id = 1 } ]
}
"""
TESTED = GOOD + """
test "one row" {
  given readings [ { id = 1 } ]
  expect kept [ { id = 1 } ]
}

test "two rows" {
  given readings [ { id = 1 } ]
  expect kept [ { id = 1 } { id = 2, name = "n" } ]
}
"""
IMPORTING = """import "parts/source.flow"
import "parts/../parts/source.flow"
import std.money

flow totals {
  from sales
  select id, net = net(gross, 0.19)
  append into stdout
}

test "tax goes" {
  given sales [ { id = 1, gross = 119 } ]
  expect stdout [ { id = 1, net = 100.00 } ]
}
"""
IMPORTED = """import "contract.flow"

source sales: Sale {
  files "sales/*.ndjson"
}

test "of another file" {
  expect nothing is empty
}
"""
STREAM = """source rows {
  columns { id: int64 }
  files "stream/*.ndjson"
  settle 200 ms
}

pipeline {
  trigger files_arrive
  checkpoint "cp"
}

flow keep {
  from rows
  append into "lake/stream"
}

test "what is given after an epoch is another one" {
  given rows [ { id = 1 } ]
  expect "lake/stream" [ { id = 1 } ]
  given rows [ { id = 2 } ]
  expect "lake/stream" (id) [ (1) (2) ]
}
"""
MEMBERS = """contract Member {
  id: int64
  email: string unique
}

source arrivals {
  columns { id: int64, email: string }
  files "members/*.ndjson"
}

table members: Member {
  at "lake/members"
}

pipeline {
  trigger available_now
  checkpoint "members_cp"
}

flow all {
  from arrivals
  append into members
}
"""

TOTALS = """source numbers {
  columns { n: int64 }
  files "totals/*.csv"
}

table totals {
  at "lake/totals"
  key (is_even)
}

pipeline {
  trigger available_now
  checkpoint "totals_cp"
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
REJECTED = """source people {
  columns {
    id: int64 check id >= 0
    note: string?
  }
  files "rejected/*.ndjson"
}

flow one {
  from people
  select share = div(12, id)
  append into "lake/shares"
}

flow two {
  from people
  append into "lake/people"
}
"""
REPLAYED = """contract Order {
  id: int64
  amount: decimal(12, 2) check amount >= 0
  tags: list(string)?
}

source orders: Order {
  files "replayed/*.ndjson"
}

source rates {
  columns {
    currency: string
    rate: int64
  }
  files "replayed/*.csv"
}

flow base {
  from orders
  derive part = div(100, id)
}

flow good {
  from base
  derive more = div(100, id - 1)
  append into "lake/good"
}

flow other {
  from base
  append into "lake/other"
}

flow tags {
  from orders
  unnest tags as tag
  derive n = cast(tag as int64)
  append into "lake/tags"
}

flow rated {
  from rates
  derive inverse = div(100, rate)
  append into "lake/rates"
}

flow total {
  from rates
  group by currency {
    rates = sum(div(8, rate - 4))
  }
  append into "lake/sums"
}

flow whole {
  from rates
  where rate > 90
  overwrite "lake/whole"
}
"""
REPLAYED_STREAM = """source numbers {
  columns {
    n: int64
  }
  files "numbers/*.csv"
}

table totals {
  at "lake/number_totals"
  key (is_even)
}

pipeline {
  trigger available_now
  checkpoint "numbers_cp"
}

flow count {
  from numbers
  group by is_even = n % 2 == 0 {
    count = count()
    n = sum(n)
  }
  state unbounded
  merge into totals
}
"""
REPLAYED_WINDOWS = """source events {
  columns {
    n: int64
    kind: string?
    ts: timestamp event_time
  }
  files "windows/*.ndjson"
}

pipeline {
  trigger available_now
  checkpoint "windows_cp"
}

flow sums {
  from events
  window tumbling 10 minutes as start
  group by kind {
    n = sum(n)
  }
  append into "lake/windows"
}
"""
LIMITED = """param tries: int64 = 2

source numbers {
  columns {
    n: int64 check n >= 0
  }
  files "limited/*.ndjson"
}

flow divide {
  from numbers
  derive part = div(6, n)
  append into "lake/limited"
}

pipeline {
  dlq_limit 25 percent
  checkpoint_interval 1 us
  retry { times tries, backoff 1 ms, max 5 ms, jitter 0.5 }
}
"""
LOOSE = "source s   { columns { a : int64,b: string? }\n\n\n files \"x.ndjson\"}\n"
BAD = "flow f {\n  form x\n}\n"
ROWS = "".join(json.dumps({"id": i, "name": None if i == 2 else f"n{i}"}) + "\n" for i in range(1, 4))
LATER = ("lint", "erase", "lineage", "emit", "contract", "lsp")

NOTHING = r"\A\Z"
CASES = [
    # help and version
    ("", 0, r"\Ausage: flowc COMMAND", NOTHING),
    ("--help", 0, r"exit status: 0 done, 1 ", NOTHING),
    ("--version", 0, r"\Aflowc \d+\.\d+\.\d+\n\Z", NOTHING),
    *[(f"help {name}", 0, rf"\Ausage: flowc {name} ", NOTHING)
      for name in ("check", "run", "build", "explain", "table", "dlq", "init", "completion")],
    ("run --help", 0, r"--checkpoint DIR", NOTHING),
    ("help explain", 0, r"passes:\n  parse +text to tree", NOTHING),
    # wrong usage
    ("nothing", 2, NOTHING, r"no command `nothing`"),
    ("chekc good.flow", 2, NOTHING, r"did you mean `check`"),
    ("help nothing", 2, NOTHING, r"no command `nothing`"),
    *[(f"{name} x", 2, NOTHING, rf"flowc {name} is not supported yet") for name in LATER],
    ("run", 2, NOTHING, r"takes one FILE"),
    ("run good.flow bad.flow", 2, NOTHING, r"takes one FILE"),
    ("run nowhere.flow", 2, NOTHING, r"nowhere\.flow"),
    ("run good.flow --parm least=1", 2, NOTHING, r"no option --parm; did you mean --param\?"),
    ("run good.flow --columns a", 2, NOTHING, r"no option --columns"),
    ("run good.flow --param least", 2, NOTHING, r"NAME=VALUE"),
    ("run good.flow --param", 2, NOTHING, r"takes a value"),
    ("run good.flow --param least=many", 2, NOTHING, r"least"),
    ("run good.flow --param nothing=1", 2, NOTHING, r"nothing"),
    ("run good.flow --trigger available_now", 2, NOTHING, r"other than `once` needs a checkpoint: give --checkpoint DIR"),
    ("run good.flow --trigger sometimes", 2, NOTHING, r"--trigger sometimes: once, available_now, .* is wanted"),
    ("run good.flow --trigger every", 2, NOTHING, r"--trigger every: once, available_now, .* is wanted"),
    ("run good.flow --metrics everywhere", 2, NOTHING, r"--metrics everywhere: an address such as 127.0.0.1:9090 is wanted"),
    ("check", 2, NOTHING, r"at least one FILE"),
    ("check good.flow --format xml", 2, NOTHING, r"text\|json"),
    ("build good.flow", 2, NOTHING, r"-o EXE"),
    ("explain", 2, NOTHING, r"FILE, a CODE"),
    ("explain E998", 2, NOTHING, r"no diagnostic has the code E998"),
    ("explain good.flow --dump-after nothing", 2, NOTHING, r"no pass `nothing`"),
    ("explain good.flow --state", 2, NOTHING, r"explain --state is not supported yet"),
    ("completion tcsh", 2, NOTHING, r"bash, zsh or fish"),
    # check
    ("check good.flow", 0, NOTHING, NOTHING),
    ("check bad.flow", 1, NOTHING, r"error\[E002\].*\n --> bad\.flow:2:3\n(.*\n)*.*did you mean `from`"),
    ("check good.flow bad.flow", 1, NOTHING, r"E002"),
    ("check bad.flow nowhere.flow", 2, NOTHING, r"E002(.*\n)*.*nowhere"),
    ("check bad.flow --color always", 1, NOTHING, "\x1b\\[1;31merror"),
    ("check bad.flow --color never", 1, NOTHING, r"\Aerror"),
    ("check bad.flow", 1, NOTHING, r"\Aerror"),
    ("check bad.flow --format json", 1, r'\A{"v":1,"id":"E002".*\n.*\n{"summary":{"errors":2,"warnings":0,"exit":1}}\n\Z',
     NOTHING),
    ("check good.flow --format json", 0, r'\A{"summary":{"errors":0,"warnings":0,"exit":0}}\n\Z', NOTHING),
    # run
    ("run bad.flow", 1, NOTHING, r"E002"),
    ("run good.flow --param least=0", 0, NOTHING, NOTHING),
    ("run good.flow --param=least=100 --summary", 0, NOTHING, r"(?s)filtered 3.*epoch"),
    ("run good.flow --param least=100 --summary json", 0, NOTHING, r'\A{.*"filtered":3.*}\n\Z'),
    ("run good.flow --root elsewhere --summary text", 0, NOTHING, r"in 0,"),
    ("run good.flow --root nowhere", 2, NOTHING, r"\Aflowc: --root: cannot open the root nowhere: .*\n"),
    ("run good.flow --root=good.flow", 2, NOTHING, r"--root: cannot open the root good\.flow"),
    ("table show kept --root nowhere", 2, NOTHING, r"--root: cannot open the root nowhere"),
    # params
    ("run given.flow", 0, r'\A{"xs":1,"wait":3600000000,"kind":"a"}\n\Z', NOTHING),
    ('run given.flow --param xs=["b","c"] --param kind=b', 0, r'\A{"xs":2,"wait":3600000000,"kind":"b"}\n\Z', NOTHING),
    ("run given.flow --param wait=90000000", 0, r'"wait":90000000', NOTHING),
    ('run given.flow --param xs=["b",1]', 2, NOTHING, r'--param xs: "\["b",1\]" is no value of its type'),
    ('run given.flow --param xs=["b"],"x":1', 2, NOTHING, "no value of its type"),
    ("run given.flow --param xs=b", 2, NOTHING, "no value of its type"),
    ("run given.flow --param wait=soon", 2, NOTHING, "no value of its type"),
    ("run given.flow --param wait=99999999999999999999", 2, NOTHING, "no value of its type"),
    ("run given.flow --param kind=c", 2, NOTHING, "no value of its type"),
    ("run styled.flow --param nothing=-", 0, NOTHING, NOTHING),
    ("run styled.flow --param nothing=a;b", 2, NOTHING, r'the sink listed: the text of a null, "a;b", has a delimiter'),
    ("run styled.flow --param nothing=", 2, NOTHING, r"the sink listed: a null in its one column needs a text"),
    ("run styled.flow --param nothing=- --param gap=-", 2, NOTHING, r'the text of a null, "-", has a delimiter'),
    ("test stream.flow", 0, r"1 passed", NOTHING),
    # explain
    ("explain E015", 0, r"\AE015: no column has this name\n\n", NOTHING),
    ("explain functions", 0, r"(?s)abs\(number\).*abs\(-3\) == 3.*coalesce", NOTHING),
    ("explain functions --format json", 0, r'\A{"name":"abs",', NOTHING),
    ("explain std", 0, r"(?sm)\Astd\.envelopes\n.*^fn slugify\(text: string\) -> string\n", NOTHING),
    ("explain std.geo", 0, r"(?sm)\Astd\.geo\n.*^fn is_latitude\(degrees: float64\) -> bool\n    Whether", NOTHING),
    ("explain std.nothing", 2, NOTHING, r"the standard library has no module std\.nothing"),
    ("explain std.envelopes --format json", 0, r'\A{"module":"envelopes","name":"CloudEvent","kind":"contract",', NOTHING),
    ("explain status", 0, r"pii classes and taint", NOTHING),
    ("explain status --format json", 0, r'"feature":"pii classes and taint', NOTHING),
    ("explain good.flow", 0, r"(?s)\Apipeline.*keep to kept: exactly once", NOTHING),
    ("explain good.flow --types", 0, r"id: int64", NOTHING),
    ("explain good.flow --plan", 0, r"\Apipeline", NOTHING),
    ("explain good.flow --ir", 0, r"define .*@flow\.pipeline\.", NOTHING),
    ("explain good.flow --asm", 0, r"\.text", NOTHING),
    ("explain bad.flow --types", 1, NOTHING, r"E002"),
    ("explain bad.flow --dump-after parse", 1, r"\Aflow f", r"E002"),
    *[(f"explain good.flow --dump-after {name}", 0, r"\A.", NOTHING)
      for name in ("parse", "resolve", "check", "build", "rewrite", "lower", "layout", "gen", "emit")],
    # test
    ("test", 2, NOTHING, r"at least one FILE"),
    ("test good.flow", 0, r"\A0 tests, 0 passed, 0 failed\n\Z", NOTHING),
    ("test tested.flow", 1, r"failed: two rows\ntested\.flow:\d+:3: (.*\n)+2 tests, 1 passed, 1 failed\n\Z", NOTHING),
    ("test tested.flow --filter one", 0, r"\A1 test, 1 passed, 0 failed\n\Z", NOTHING),
    ("test tested.flow --filter one --format json", 0, r'\A{"test":"one row","passed":true}\n\Z', NOTHING),
    ("test tested.flow --format junit", 1, r'(?s)<testsuite name="flow" tests="2" failures="1">.*</testsuites>\n\Z', NOTHING),
    ("test tested.flow --filter one --shuffle 3", 0, r"\A1 test, 1 passed, 0 failed\n\Z", NOTHING),
    ("test stream.flow --duplicate --shuffle 2", 0, r"1 passed", NOTHING),
    ("test tested.flow --shuffle 0", 2, NOTHING, r"--shuffle is a number from 1 to 100000"),
    ("test tested.flow --shuffle some", 2, NOTHING, r"--shuffle is a number"),
    ("test tested.flow --filter one --coverage", 0, r"\Areached: 2 of 2 steps; broken: 0 of 0 checks\n1 test, ", NOTHING),
    ("test tested.flow --filter none --coverage --format json", 0,
     r'\A{"coverage":"step","location":"tested\.flow:17:3","text":"where id > least","rows":0}\n{', NOTHING),
    ("test bad.flow", 1, r"\A\Z", r"E002"),
    # import
    ("test import.flow", 0, r"1 test, 1 passed", NOTHING),
    ("check parts/circle.flow", 1, NOTHING, r"E076.*`parts/circle.flow` imports itself"),
    ("check lost.flow", 1, NOTHING, r"(?s)E077.*nowhere.flow.*E077.*did you mean `money`"),
    # fmt
    ("fmt", 2, NOTHING, r"at least one FILE"),
    ("fmt --check good.flow", 0, NOTHING, NOTHING),
    ("fmt --check loose.flow good.flow", 1, r"\Aloose\.flow\n\Z", NOTHING),
    ("fmt --check loose.flow --format json", 1, r'\A{"file":"loose\.flow","is_formatted":false}\n\Z', NOTHING),
    ("fmt bad.flow", 1, NOTHING, r"E002"),
    ("fmt nowhere.flow", 2, NOTHING, r"nowhere"),
    ("fmt loose.flow", 0, NOTHING, NOTHING),
    ("fmt --check loose.flow", 0, NOTHING, NOTHING),
    # init
    ("init", 2, NOTHING, r"takes one DIR"),
    ("init one two", 2, NOTHING, r"takes one DIR"),
    ("init good.flow", 6, NOTHING, r"good\.flow is a file"),
    ("init in", 6, NOTHING, r"in is not empty: it has rows\.ndjson"),
    ("init new/project", 0, r"\Anew/project/README\.md\nnew/project/orders\.flow\n", r"next: cd new/project; flowc test orders"),
    ("init new/project", 6, NOTHING, r"new/project is not empty"),
    ("init repository", 0, r"repository/orders\.flow", r"next"),
    ("fmt --check new/project/orders.flow", 0, NOTHING, NOTHING),
    ("check new/project/orders.flow", 0, NOTHING, NOTHING),
    ("test new/project/orders.flow", 0, r"\A3 tests, 3 passed, 0 failed\n\Z", NOTHING),
    ("run new/project/orders.flow --root new/project --summary", 0, NOTHING, r"(?s)in 8,.*dlq 1"),
    ("table read lake/revenue_by_day --root new/project --columns day,currency,revenue --format json", 0,
     r'"day":"2026-01-01","currency":"EUR","revenue":143\.90}', NOTHING),
    # table
    ("table show lake/kept", 0, r"rows +3\n(.*\n)*.*id: int64\n.*name: string\?", NOTHING),
    ("table show lake/kept --format json", 0, r'\A{"path":"lake/kept","version":\d+,"files":\d+,"rows":3,', NOTHING),
    ("table history lake/kept", 0, r"WRITE|CREATE", NOTHING),
    ("table history lake/kept --limit 0", 0, NOTHING, NOTHING),
    ("table history lake/kept --limit x", 2, NOTHING, r"takes a number"),
    ("table history lake/kept --format json", 0, r'\A{"version":\d+,"timestamp":"', NOTHING),
    ("table read lake/kept", 0, r"\Aid +name *\n *1 +n1\n *2 *\n *3 +n3\n\Z", NOTHING),
    ("table read lake/kept --columns name,id --limit 1 --format json", 0, r'\A{"name":"n1","id":1}\n\Z', NOTHING),
    ("table read lake/kept --columns nam", 2, NOTHING, r"no column `nam`; did you mean `name`"),
    ("table read lake/kept --limit few", 2, NOTHING, r"--limit takes a number"),
    ("table read lake/kept --version 99", 6, NOTHING, r"99"),
    ("table read lake/kept --version 0 --timestamp 2026-01-01T00:00:00Z", 2, NOTHING, r"give one"),
    ("table read lake/kept --timestamp soon", 2, NOTHING, r"--timestamp takes a time"),
    ("explain good.flow --without fold,pruned", 2, NOTHING, r"no rewrite `pruned`, there are fold, .*prune, .*share"),
    ("explain good.flow --without ,fold", 2, NOTHING, r"no rewrite ``"),
    ("table read lake/kept --where id", 2, NOTHING, r"`where` needs a condition, this is int64\n --> --where:2:1"),
    ("table read lake/kept --where id>1+0*length(name)", 0, r"\Aid +name *\n *3 +n3\n\Z", NOTHING),
    ("table read lake/kept --where id!=2 --columns name --format json --limit 1", 0, r'\A{"name":"n1"}\n\Z', NOTHING),
    ("table read lake/kept --where false", 0, r"\Aid +name *\n\Z", NOTHING),
    ("table read lake/kept --where nam==1", 2, NOTHING, r"did you mean `name`"),
    ("table read lake/kept --where count()>1", 2, NOTHING, r"aggregate"),
    ("table read lake/kept --where true)", 2, NOTHING, r"E0\d\d"),
    ("table read lake/kept --where div(6,id-3)>-100", 7, NOTHING, r"flowc: division by zero.*div\(6,id-3\)"),
    ("table read lake/kept --version 0 --where id==1", 0, r"\Aid +name", NOTHING),
    ("table show lake/kept --where id>1", 2, NOTHING, r"only flowc table read takes --where"),
    ("table read lake/nothing", 2, NOTHING, r"no Delta table at lake/nothing"),
    ("table show kept --root lake", 0, r"rows +3", NOTHING),
    ("table vacuum lake/kept", 2, NOTHING, r"vacuum"),
    ("table", 2, NOTHING, r"show, history or read"),
    # dlq
    ("dlq", 2, NOTHING, r"takes list, show, purge or replay"),
    ("dlq lits x", 2, NOTHING, r"takes list, show, purge or replay"),
    ("dlq list", 2, NOTHING, r"dlq list takes PATH"),
    ("dlq list nothing", 6, NOTHING, r"there is no DLQ at nothing"),
    ("dlq list lake/kept", 6, NOTHING, r"lake/kept is no DLQ: it has no column `record_id`"),
    ("dlq show x", 2, NOTHING, r"takes PATH and RECORD_ID"),
    ("dlq list x --class bad", 2, NOTHING, r"no class `bad`"),
    ("dlq list x --since yesterday", 2, NOTHING, r"--since takes a time like"),
    ("dlq list x --limit few", 2, NOTHING, r"--limit takes a number"),
    ("dlq list x --replayed --not-replayed", 2, NOTHING, r"give one"),
    ("dlq list x --before 2026-01-01T00:00:00Z", 2, NOTHING, r"dlq list takes no --before"),
    ("dlq replay x", 2, NOTHING, r"takes PATH and FILE"),
    ("dlq replay nothing good.flow", 6, NOTHING, r"there is no DLQ at nothing"),
    ("dlq replay nothing bad.flow", 1, NOTHING, r"E002"),
    ("dlq replay x good.flow --class bad", 2, NOTHING, r"no class `bad`"),
    ("dlq replay x good.flow --code F001", 2, NOTHING, r"dlq replay takes no --code"),
    ("dlq purge x", 2, NOTHING, r"takes --before T or --replayed or both, or --all"),
    ("dlq purge x --all --replayed", 2, NOTHING, r"takes --before T or --replayed or both, or --all"),
    ("dlq purge x --all --class late", 2, NOTHING, r"dlq purge takes no --class"),
]


class Commands:
    def __init__(self, flowc, folder):
        self.flowc, self.folder = flowc, folder
        self.failed = []
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def call(self, words, **environment):
        done = subprocess.run([self.flowc, *words.split()], cwd=self.folder, capture_output=True, text=True,
                              env={**self.environment, **environment}, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    def complain(self, words, text):
        self.failed.append(words)
        print(f"flowc {words}\n  {text}")

    def case(self, words, status, output, errors):
        got, out, err = self.call(words)
        if got != status:
            self.complain(words, f"status {got}, wanted {status}\n{out}{err}")
        for name, text, pattern in (("standard output", out, output), ("standard error", err, errors)):
            if not re.search(pattern, text):
                self.complain(words, f"{name} is not /{pattern}/:\n{text}")

    def functions(self):
        """Every example that `explain functions` shows is a condition that the checker accepts."""
        _, out, _ = self.call("explain functions --format json")
        examples = [e for line in out.splitlines() for e in json.loads(line)["examples"]]
        steps = "".join(f"  where {example}\n" for example in examples)
        (self.folder / "examples.flow").write_text(
            'source s {\n  columns { a: int64, prices: map(string, int64) }\n  files "x.ndjson"\n}\n\nflow f {\n  from s\n' + steps +
            "  append into stdout\n}\n")
        got, out, err = self.call("check examples.flow")
        if got != 0:
            self.complain("explain functions", f"an example is not right:\n{out}{err}")

    def variables(self):
        """What env("…") in settings takes, and what is said of a variable that is wrong or not there."""
        right = {"ONES": "ones.csv", "DELIMITER": ";", "HEADER": "false", "MEMORY": "2 MiB", "WORKERS": "2"}
        for change, status, pattern in (({}, 0, NOTHING),
                                        ({"MEMORY": "4194304"}, 0, NOTHING),
                                        ({"WORKERS": "many"}, 2, r'env\("WORKERS"\): "many" is no value'),
                                        ({"WORKERS": "65"}, 2, r'env\("WORKERS"\): `parallelism` takes a number from 1 to 64'),
                                        ({"MEMORY": "1 KiB"}, 2, r'env\("MEMORY"\): `memory` takes a size of at least 1 MiB'),
                                        ({"DELIMITER": "::"}, 2, r'env\("DELIMITER"\): `delimiter` takes one character'),
                                        ({"HEADER": "off"}, 2, r'env\("HEADER"\): "off" is no value')):
            got, out, err = self.call("run variables.flow", **{**right, **change})
            if got != status or not re.search(pattern, err):
                self.complain(f"run variables.flow with {change}", f"status {got}, wanted {status}\n{out}{err}")
        self.case("run variables.flow", 2, NOTHING, r'env\("MEMORY"\): the environment has no variable of that name')
        self.case('run variables.flow --param env("ONES")=x', 2, NOTHING, "no such param")
        self.case("test variables.flow", 0, "1 passed", NOTHING)

    def completions(self):
        """The scripts are right for the shells that are here, and offer the commands."""
        for shell in ("bash", "zsh", "fish"):
            _, out, _ = self.call(f"completion {shell}")
            if "explain" not in out or "--checkpoint" not in out and "checkpoint" not in out:
                self.complain(f"completion {shell}", "does not offer commands and options")
        _, out, _ = self.call("completion bash")
        script = out + '\nCOMP_WORDS=(flowc ex); COMP_CWORD=1; _flowc; echo "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
        if done.stdout != "explain\n":
            self.complain("completion bash", f"completes `ex` to {done.stdout!r} {done.stderr}")

    def executable(self):
        got, out, err = self.call("build good.flow -o keep")
        if got != 0:
            self.complain("build good.flow -o keep", out + err)
            return
        done = subprocess.run(["./keep", "--summary", "json"], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment, check=False)
        if done.returncode != 0 or '"out":3' not in done.stderr:
            self.complain("./keep --summary json", done.stdout + done.stderr)
        done = subprocess.run(["./keep", "--root", "nowhere"], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment, check=False)
        if done.returncode != 2 or "--root cannot open the root nowhere" not in done.stderr:
            self.complain("./keep --root nowhere", f"status {done.returncode}\n{done.stderr}")

    def must(self, arguments):
        got, out, err = self.call(arguments)
        if got != 0:
            self.complain(arguments, f"status {got}\n{out}{err}")

    def evolving(self):
        """An executable that was made before its table: rows without a column that it reads as never null refuse it."""
        (self.folder / "ids.ndjson").write_text('{"id": 1}\n')
        (self.folder / "names.ndjson").write_text('{"id": 2, "name": "Bo"}\n')
        (self.folder / "ids.flow").write_text(
            'source s {\n  columns { id: int64 }\n  files "ids.ndjson"\n}\n'
            'flow f {\n  from s\n  append into "lake/ids"\n}\n')
        (self.folder / "names.flow").write_text(
            'source s {\n  columns { id: int64, name: string }\n  files "names.ndjson"\n}\n'
            'table ids {\n  at "lake/ids"\n  schema evolve\n}\n'
            'flow f {\n  from s\n  append into ids\n}\n'
            'flow g {\n  from ids\n  select shout = upper(name)\n  append into "lake/shouts"\n}\n')
        self.must("build names.flow -o names")
        self.must("run ids.flow")
        before = sorted(self.folder.glob("lake/ids/**/*"))
        done = subprocess.run(["./names"], cwd=self.folder, capture_output=True, text=True, env=self.environment, check=False)
        if done.returncode != 6 or not re.search("table lake/ids: its rows lack the column name, .* build it again", done.stderr):
            self.complain("./names", f"status {done.returncode}, wanted 6\n{done.stderr}")
        if sorted(self.folder.glob("lake/ids/**/*")) != before:
            self.complain("./names", "has touched the table that it refuses")
        self.must("build names.flow -o names")
        done = subprocess.run(["./names"], cwd=self.folder, capture_output=True, text=True, env=self.environment, check=False)
        if done.returncode != 0:
            self.complain("./names, built again", f"status {done.returncode}\n{done.stderr}")

    def until(self, what):
        """Waits for what another process does; half a minute is long for all of it."""
        for _ in range(600):
            if what():
                return True
            time.sleep(0.05)
        return False

    def version_is_there(self, version):
        return self.until(lambda: (self.folder / f"lake/stream/_delta_log/{version:020}.json").exists())

    def stream(self):
        """An endless run reads what is renamed in and what is written in place, keeps others away, and ends by SIGTERM."""
        words = "run stream.flow --summary json"
        stream = subprocess.Popen([self.flowc, *words.split()], cwd=self.folder, stderr=subprocess.PIPE, text=True,
                                  env=self.environment)
        problems = []
        if not self.until((self.folder / "cp/LOCK").exists):
            problems.append("it does not begin")
        (self.folder / "renamed").write_text('{"id":1}\n')
        (self.folder / "renamed").rename(self.folder / "stream/a.ndjson")
        if not self.version_is_there(0):
            problems.append("what is renamed in is not read")
        self.case(words, 5, NOTHING, rf"\Aflow: E710 cp: another instance runs \(process {stream.pid}, since 2.*Z\)\n\Z")
        (self.folder / "stream/b.ndjson").write_text('{"id":2}\n')
        if not self.version_is_there(1):
            problems.append("what is written in place is not read")
        stream.send_signal(signal.SIGTERM)
        _, errors = stream.communicate(timeout=60)
        if stream.returncode != 0 or '"in":2,"out":2' not in errors or '"epochs":2,' not in errors:
            problems.append(f"SIGTERM ends it with status {stream.returncode}:\n{errors}")
        if problems:
            self.complain(words, "\n".join(problems))
        self.case("table read lake/stream --limit 5", 0, r"id\s+1\s+2\s", NOTHING)

    def interrupted(self):
        """A signal ends an epoch early, but what the epoch has read is compared with all that the table holds."""
        (self.folder / "members.flow").write_text(MEMBERS)
        (self.folder / "members").mkdir()
        rows = "".join(f'{{"id":{i},"email":"{i}@example.com"}}\n' for i in range(20000))
        (self.folder / "members/00.ndjson").write_text(rows)
        self.must("run members.flow")
        for i in range(1, 60):
            (self.folder / f"members/{i:02}.ndjson").write_text(rows)
        words = "run members.flow --summary json"
        for delay in (0.05, 0.1, 0.2, 0.4, 0.8):  # until one hits while files are read
            run = subprocess.Popen([self.flowc, *words.split()], cwd=self.folder, stderr=subprocess.PIPE, text=True,
                                   env=self.environment)
            self.until((self.folder / "members_cp/LOCK").exists)
            time.sleep(delay)
            run.send_signal(signal.SIGTERM)
            _, errors = run.communicate(timeout=120)
            read = re.search(r'"in":(\d+),"out":(\d+)', errors)
            if run.returncode == -signal.SIGTERM:
                continue  # before it took signals
            if read is None or read[1] != "0":
                break
        if read is None or read[1] == "0" or read[2] != "0":
            self.complain(words, f"ended by SIGTERM it must reject all that it has read:\n{errors}")

    def state(self):
        """Totals go on from run to run; a program that counts something else refuses to go on with them."""
        (self.folder / "totals.flow").write_text(TOTALS)
        (self.folder / "totals").mkdir()
        for number, text in ((1, "3\n"), (2, "4\n")):
            (self.folder / f"totals/{number}.csv").write_text("n\n" + text)
            self.case("run totals.flow", 0, NOTHING, NOTHING)
        self.case("table read lake/totals", 0, r"\nfalse\s+1\s+3\ntrue\s+1\s+4", NOTHING)
        (self.folder / "totals.flow").write_text(TOTALS.replace("sum(n)", "max(n)"))
        self.case("run totals.flow", 6, NOTHING, r"E730 totals_cp: group/count/group\(is_even\)/0: what is kept has other keys or agg")
        (self.folder / "totals.flow").write_text(TOTALS.replace("flow count", "flow amount"))
        self.case("run totals.flow", 6, NOTHING, r"E730 totals_cp: group/count/group\(is_even\)/0: the program has no such step "
                  r"any more; if group/amount/group\(is_even\)/0 is the same one")
        self.case("table read lake/totals", 0, r"\nfalse\s+1\s+3\ntrue\s+1\s+4", NOTHING)

    def rejected(self):
        """What a pipeline has rejected: listed by reason, shown with its bytes, removed in a commit."""
        (self.folder / "rejected.flow").write_text(REJECTED)
        (self.folder / "rejected").mkdir()
        (self.folder / "rejected/a.ndjson").write_bytes(b'{"id":1}\n{"id":0}\n{"id":2,"note":"\xff"}\n{"id":-1}\n')
        self.must("run rejected.flow")
        self.case("dlq list rejected.dlq", 0, r"\Arecord_id +class +code +flow +source +partition +position .*\n"
                  r"\w{32}  contract +C001 +people  rejected/a.ndjson +38 .*\n"
                  r"\w{32}  expression  X003  one   people  rejected/a.ndjson +9 .*\n"
                  r"\w{32}  malformed +F005 +people  rejected/a.ndjson +18 .*UTF-8.*\n\Z", NOTHING)
        self.case("dlq list rejected.dlq --limit 1 --format json", 0,
                  r'\A{"record_id":"\w{32}","pipeline":"rejected","flow":null,"source":"people",.*"attempts":1,"replayed_at":null}\n\Z',
                  NOTHING)
        for words, count in (("--class malformed", 1), ("--code X003", 1), ("--flow one", 1), ("--flow two", 0),
                             ("--source people", 3), ("--since 2020-01-01T00:00:00Z", 3), ("--since 9020-01-01T00:00:00Z", 0),
                             ("--replayed", 0), ("--not-replayed", 3), ("--class late", 0), ("--limit 2", 2)):
            self.case(f"dlq list rejected.dlq --format json {words}", 0, rf"\A(.+\n){{{count}}}\Z", NOTHING)
        _, out, _ = self.call("dlq list rejected.dlq --format json")
        check, division, text = (json.loads(line)["record_id"] for line in out.splitlines())
        self.case(f"dlq show rejected.dlq {check}", 0, r'\nexpression +id >= 0\n(.*\n)*raw +{"id":-1}\n\nC001: a check is not true\n',
                  NOTHING)
        self.case(f"dlq show rejected.dlq {division} --format json", 0, r'"raw":"{\\"id\\":0}","contract":.*"meaning":"division by zero',
                  NOTHING)
        self.case(f"dlq show rejected.dlq {text}", 0, r"\nraw, as hex +7b226964223a322c226e6f7465223a22ff227d\n", NOTHING)
        self.case(f"dlq show rejected.dlq {text} --format json", 0, r'"raw_hex":"7b.*ff227d"', NOTHING)
        self.case("dlq show rejected.dlq 00", 2, NOTHING, r"has no record 00")
        self.case("dlq purge rejected.dlq --replayed", 0, r"\Aremoved 0 records\n\Z", NOTHING)
        self.case("dlq purge rejected.dlq --before 2020-01-01T00:00:00Z", 0, r"\Aremoved 0 records\n\Z", NOTHING)
        self.case("dlq purge rejected.dlq --all --dry-run", 0, r"\Awould remove 3 records\n\Z", NOTHING)
        self.case("table history rejected.dlq --format json", 0, r'\A{"version":0,.*\n\Z', NOTHING)
        self.case("dlq purge rejected.dlq --before 9020-01-01T00:00:00Z --format json", 0, r'\A{"records":3,"removed":true}\n\Z',
                  NOTHING)
        self.case("dlq list rejected.dlq --format json", 0, NOTHING, NOTHING)
        self.case("table history rejected.dlq --limit 1", 0, r'1 .*WRITE.*"numDeletedRows":"3"', NOTHING)

    def dlq(self, path):
        _, out, _ = self.call(f"dlq list {path} --format json")
        rows = [json.loads(line) for line in out.splitlines()]
        return sorted((row["flow"] or "-", row["position"], row["attempts"], row["replayed_at"] is not None) for row in rows)

    def rows(self, table):
        return sorted(self.call(f"table read {table} --format json")[1].splitlines())

    def expect(self, what, found, wanted):
        if found != wanted:
            self.complain(what, f"{found}\nwanted {wanted}")

    def replayed(self):
        """Rejected records go to the flows that rejected them, once; what can't be sent again is said and stays."""
        (self.folder / "replayed.flow").write_text(REPLAYED)
        (self.folder / "replayed").mkdir()
        (self.folder / "replayed/a.ndjson").write_text(
            '{"id":1,"amount":1}\n{"id":0,"amount":1}\n{"id":2,"amount":1,"tags":["1","x"]}\n'
            f'{{"id":3,"amount":-1}}\n{{"id":5,"amount":-9,"note":"{"x" * 70000}"}}\n')
        (self.folder / "replayed/r.csv").write_text('rate,currency\n0,EUR\n2,USD\n4,"GB\nP"\n')
        (self.folder / "replayed/s.csv").write_text("rate,currency\n0,JPY\n")
        self.must("run replayed.flow")
        waiting = [("-", "98", 1, False), ("-", "77", 1, False), ("base", "20", 1, False), ("good", "0", 1, False),
                   ("rated", "14", 1, False), ("rated", "14", 1, False), ("tags", "40", 1, False), ("total", "26", 1, False)]
        found = self.dlq("replayed.dlq")
        self.expect("run replayed.flow", found, sorted(waiting))
        text = REPLAYED.replace("amount >= 0", "amount >= -5").replace("div(100, id)", "if id == 0 then 0 else div(100, id)")
        (self.folder / "replayed2.flow").write_text("pipeline replayed { trigger once }\n\n" + text.replace(
            "div(100, rate)", "if rate == 0 then 0 else div(100, rate)"))
        (self.folder / "replayed/s.csv").unlink()
        before = {name: self.rows(f"lake/{name}") for name in ("good", "other", "tags", "rates", "sums", "whole")}
        self.case("dlq replay replayed.dlq replayed2.flow --class expression --summary", 0,
                  r"(?s)\Areplayed 2, rejected again 1\n(?=.*left 1 that can't be replayed: for the flow total, which gathers all records of a batch)"
                  r"(?=.*left 1 .*: of the flow tags: a record may become several rows)(?=.*left 1 .*: of a CSV file whose header)",
                  r"flow other: in 2, out 1, filtered 1,")
        self.expect("the DLQ behind the first replay", self.dlq("replayed.dlq"), sorted([
            ("-", "98", 1, False), ("-", "77", 1, False), ("base", "20", 2, True), ("good", "0", 2, False),
            ("rated", "14", 1, False), ("rated", "14", 2, True), ("tags", "40", 1, False), ("total", "26", 1, False)]))
        self.expect("lake/good", self.rows("lake/good"),
                    sorted(before["good"] + ['{"id":0,"amount":1.00,"tags":null,"part":0,"more":-100}']))
        self.expect("lake/other", self.rows("lake/other"),
                    sorted(before["other"] + ['{"id":0,"amount":1.00,"tags":null,"part":0}']))
        self.expect("lake/rates", self.rows("lake/rates"),
                    sorted(before["rates"] + ['{"currency":"EUR","rate":0,"inverse":0}']))
        for name in ("tags", "sums", "whole"):
            self.expect(f"lake/{name}", self.rows(f"lake/{name}"), before[name])
        check = next(r for r in self.call("dlq list replayed.dlq --format json")[1].splitlines() if '"position":"77"' in r)
        self.case(f"dlq replay replayed.dlq replayed2.flow --record {json.loads(check)['record_id']}", 0,
                  r"\Areplayed 1, rejected again 0\n\Z", NOTHING)
        self.expect("lake/other", len(self.rows("lake/other")), len(before["other"]) + 2)
        self.case("dlq replay replayed.dlq replayed2.flow --format json", 0,
                  r'\A{"replayed":0,"rejected":1,"left":\[.*"reason":"longer than the bytes that are kept of a record".*\]}\n\Z', "")
        (self.folder / "another.flow").write_text(text)
        self.case("dlq replay replayed.dlq another.flow", 0, r"\Areplayed 0, rejected again 0\n\Z", NOTHING)

    def replayed_stream(self):
        """A replay is an epoch of the stream: its state takes the record, and the files to come are left to the run."""
        (self.folder / "numbers.flow").write_text(REPLAYED_STREAM)
        (self.folder / "numbers").mkdir()
        (self.folder / "numbers/1.csv").write_text("n\n1\n2\nx3\n")
        self.must("run numbers.flow")
        (self.folder / "numbers/2.csv").write_text("n\n5\n")
        (self.folder / "numbers.flow").write_text(REPLAYED_STREAM.replace("n: int64", "n: string").replace(
            "  from numbers\n", '  from numbers\n  derive n = cast(replace(n, "x", "") as int64)\n'))
        self.case("dlq replay numbers_cp/dlq numbers.flow", 0, r"\Areplayed 1, rejected again 0\n\Z", NOTHING)
        self.case("table read lake/number_totals", 0, r"\nfalse\s+2\s+4\ntrue\s+1\s+2", NOTHING)
        self.case("run numbers.flow --summary json", 0, NOTHING, '"source":"numbers","in":1,"out":1,')
        self.case("table read lake/number_totals", 0, r"\nfalse\s+3\s+9\ntrue\s+1\s+2", NOTHING)
        (self.folder / "numbers.flow").write_text(REPLAYED_STREAM.replace("available_now", "files_arrive"))
        (self.folder / "numbers/3.csv").write_text("n\ny\n")
        stream = subprocess.Popen([self.flowc, "run", "numbers.flow"], cwd=self.folder, env=self.environment)
        self.until(lambda: ("-", "2", 1, False) in self.dlq("numbers_cp/dlq"))
        self.case("dlq replay numbers_cp/dlq numbers.flow", 5, NOTHING, rf"E710 .*\(process {stream.pid},")
        stream.send_signal(signal.SIGTERM)
        stream.wait(timeout=60)
        self.case("dlq replay numbers_cp/dlq numbers.flow", 0, r"\Areplayed 0, rejected again 1\n\Z", NOTHING)

    def replayed_late(self):
        """What is sent again meets the watermark as it is, and does not move it; what is late now stays, as late."""
        (self.folder / "windows.flow").write_text(REPLAYED_WINDOWS)
        (self.folder / "windows").mkdir()
        at = '{{"n":{},"ts":"2026-01-01T10:{}:00Z"}}\n'
        (self.folder / "windows/1.ndjson").write_text(at.format(1, "01") + at.format('"x"', "02") + at.format(2, "12") +
                                                      at.format('"y"', "25") + at.format(3, "13"))
        self.must("run windows.flow")
        self.expect("lake/windows", self.rows("lake/windows"), ['{"start":"2026-01-01T10:00:00Z","kind":null,"n":1}'])
        (self.folder / "windows.flow").write_text(REPLAYED_WINDOWS.replace("n: int64", "n: string").replace(
            "  from events\n", '  from events\n  derive n = if n == "x" or n == "y" then 100 else cast(n as int64)\n'))
        self.case("dlq replay windows_cp/dlq windows.flow", 0, r"\Areplayed 1, rejected again 1\n\Z", NOTHING)
        self.case("dlq list windows_cp/dlq --not-replayed", 0, r"\n\w{32}  late .*events  windows/1.ndjson  36 .* 2 +\S", NOTHING)
        self.expect("lake/windows", self.rows("lake/windows"), ['{"start":"2026-01-01T10:00:00Z","kind":null,"n":1}'])
        (self.folder / "windows/2.ndjson").write_text(at.format('"4"', "21") + at.format('"5"', "31"))
        self.must("run windows.flow")
        self.expect("lake/windows", self.rows("lake/windows"),
                    [f'{{"start":"2026-01-01T10:{minute}0:00Z","kind":null,"n":{n}}}' for minute, n in ((0, 1), (1, 5), (2, 104))])

    def limited(self):
        """A run whose input went bad stops with what it was, and commits nothing of the epoch; earlier epochs stay."""
        (self.folder / "limited.flow").write_text(LIMITED)
        (self.folder / "limited").mkdir()
        (self.folder / "limited/a.ndjson").write_text('{"n":1}\n{"n":2}\n')
        (self.folder / "limited/b.ndjson").write_text('{"n":-1}\n{"n":0}\n{"n":5}\n')
        said = (r"\Aflow: dlq_limit: 2 of the last 5 records of numbers were rejected, more than 25 percent \(C001 1, X003 1\); "
                r"nothing of the epoch is committed\n  limited/b.ndjson at 0: C001 a check is not true: n >= 0\n"
                r"  limited/b.ndjson at 9: X003 division by zero, or a quotient out of range: div\(6, n\)\n\Z")
        self.case("run limited.flow", 7, NOTHING, said)
        self.case("run limited.flow --param tries=1001", 2, NOTHING, r"`times` takes a number up to 1000")
        self.case("table read lake/limited", 2, NOTHING, "no Delta table")
        stream = "run limited.flow --trigger available_now --checkpoint limited_cp"
        self.case(stream, 7, NOTHING, said)
        self.case("table read lake/limited", 0, r"\An +part\n1 +6\n2 +3\n\Z", NOTHING)
        (self.folder / "limited/b.ndjson").write_text('{"n":-1}\n{"n":3}\n{"n":6}\n')
        self.case(stream, 7, NOTHING, r"1 of the last 3 records of numbers were rejected")  # a new run has its own last records
        (self.folder / "limited/c.ndjson").write_text('{"n":1}\n')
        self.case(stream, 0, NOTHING, NOTHING)
        self.case("table read lake/limited", 0, r"\An +part\n1 +6\n2 +3\n3 +2\n6 +1\n1 +6\n\Z", NOTHING)

    def damaged(self):
        """A damaged table: a finding of `check`, a refusal of a run, however it is started. It stays as it is."""
        log = self.folder / "lake/kept/_delta_log/00000000000000000000.json"
        log.write_text("{damaged\n")
        self.case("check good.flow", 1, NOTHING, r"E220.*can't be read")
        self.case("run good.flow", 6, NOTHING, r"E220.*can't be read")
        done = subprocess.run(["./keep"], cwd=self.folder, capture_output=True, text=True, env=self.environment, check=False)
        if done.returncode != 6 or log.read_text() != "{damaged\n":
            self.complain("./keep", f"status {done.returncode}, wanted 6\n{done.stderr}")

    def colors(self):
        """Colours only on a terminal; NO_COLOR and --color have their say."""
        command = f"{self.flowc} check bad.flow"
        for environment, is_colored in (({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)):
            done = subprocess.run(["script", "-qec", command, "/dev/null"], cwd=self.folder, capture_output=True,
                                  text=True, env={**self.environment, **environment}, check=False)
            if ("\x1b[" in done.stdout) != is_colored:
                self.complain("check on a terminal", f"{environment}: {done.stdout!r}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flowc", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "good.flow").write_text(GOOD)
        (folder / "given.flow").write_text(GIVEN)
        (folder / "styled.flow").write_text(STYLED)
        (folder / "variables.flow").write_text(FROM_ENVIRONMENT)
        (folder / "ones.csv").write_text("1\n2\n")
        (folder / "one.ndjson").write_text('{"id":1}\n')
        (folder / "bad.flow").write_text(BAD)
        (folder / "tested.flow").write_text(TESTED)
        (folder / "parts").mkdir()
        (folder / "import.flow").write_text(IMPORTING)
        (folder / "parts/source.flow").write_text(IMPORTED)
        (folder / "parts/contract.flow").write_text("contract Sale {\n  id: int64\n  gross: decimal(18, 2)\n}\n")
        (folder / "parts/circle.flow").write_text('import "../parts/circle.flow"\n')
        (folder / "lost.flow").write_text('import "nowhere.flow"\nimport std.mony\n')
        (folder / "loose.flow").write_text(LOOSE)
        (folder / "stream.flow").write_text(STREAM)
        (folder / "stream").mkdir()
        (folder / "in").mkdir()
        (folder / "elsewhere").mkdir()
        (folder / "repository/.git").mkdir(parents=True)
        (folder / "in/rows.ndjson").write_text(ROWS)
        commands = Commands(args.flowc.resolve(), folder)
        for case in CASES:
            commands.case(*case)
        commands.functions()
        commands.variables()
        commands.completions()
        commands.colors()
        commands.executable()
        commands.evolving()
        commands.stream()
        commands.interrupted()
        commands.state()
        commands.rejected()
        commands.replayed()
        commands.replayed_late()
        commands.limited()
        commands.replayed_stream()
        commands.damaged()
    print(f"{len(CASES)} command lines, failed: {commands.failed or 'none'}")
    return 1 if commands.failed else 0


if __name__ == "__main__":
    sys.exit(main())
