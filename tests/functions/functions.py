#!/usr/bin/env python3
"""Every `// example: …` of a built-in function and `-- example: …` of the standard library is true when
flowc runs it.

  functions.py FLOWC

The examples are also the functions' documentation, so this keeps the reference right. `prices` in those of
built-in functions is the map of "tea" to 3 and "milk" to 2. Every function of the standard library has a
comment and an example.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

PROGRAM = """{imports}
source one {{
  columns {{ n: int64, prices: map(string, int64) }}
  files "one.ndjson"
}}

flow examples {{
  from one
  select {columns}
  append into stdout
}}
"""


def found_in(path, mark):
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(mark + r" example: (.+)$", line)
        if match:
            yield f"{path.relative_to(ROOT)}:{number}", match.group(1)


def run(flowc, imports, columns):
    """The one row that the program prints, and what it says if there is none."""
    with tempfile.TemporaryDirectory() as world:
        folder = pathlib.Path(world)
        (folder / "one.ndjson").write_text('{"n":1,"prices":{"tea":3,"milk":2}}\n')
        (folder / "examples.flow").write_text(PROGRAM.format(imports=imports, columns=columns))
        done = subprocess.run([flowc, "run", "examples.flow"], cwd=folder, capture_output=True, text=True)
        return (json.loads(done.stdout) if done.stdout else None), done.stderr


def judge(flowc, imports, found):
    columns = ", ".join(f"e{i} = {text}" for i, (_, text) in enumerate(found))
    row, errors = run(flowc, imports, columns)
    if row is None:
        sys.exit(errors)
    return [f"{place}: not true: {text}" for i, (place, text) in enumerate(found) if row[f"e{i}"] is not True]


def bare(module):
    """The functions of a module that lack a comment or an example above them."""
    lines = module.read_text().splitlines()
    for number, line in enumerate(lines):
        if line.startswith("fn "):
            above = []
            while lines[number - 1 - len(above)].startswith("-- "):
                above.append(lines[number - 1 - len(above)])
            examples = [text for text in above if text.startswith("-- example: ")]
            if not examples or len(examples) == len(above):
                yield f"{module.relative_to(ROOT)}:{number + 1}: no comment, or no example: {line}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    flowc = sys.argv[1]
    found = [example for path in sorted((ROOT / "runtime/scalar/fn").glob("fn_*.c")) for example in found_in(path, "//")]
    wrong = judge(flowc, "", found)
    count = len(found)
    for module in sorted((ROOT / "stdlib").glob("*.flow")):
        found = list(found_in(module, "--"))
        wrong += judge(flowc, f"import std.{module.stem}\n", found) + list(bare(module))
        count += len(found)
    print("\n".join(wrong) if wrong else f"{count} examples are true")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
