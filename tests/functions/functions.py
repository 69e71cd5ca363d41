#!/usr/bin/env python3
"""Every `// example: EXPR == EXPR` of a built-in function is true when flowc runs it.

  functions.py FLOWC

The examples are also the function's documentation, so this keeps the reference right. `prices` in
them is the map of "tea" to 3 and "milk" to 2.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

PROGRAM = """source one {{
  columns {{ n: int64, prices: map(string, int64) }}
  files "one.ndjson"
}}

flow examples {{
  from one
  select {columns}
  append into stdout
}}
"""


def examples():
    for path in sorted((ROOT / "runtime/scalar/fn").glob("fn_*.c")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r"// example: (.+)$", line)
            if match:
                yield f"{path.relative_to(ROOT)}:{number}", match.group(1)


def run(flowc, columns):
    """The one row that the program prints, and what it says if there is none."""
    with tempfile.TemporaryDirectory() as world:
        folder = pathlib.Path(world)
        (folder / "one.ndjson").write_text('{"n":1,"prices":{"tea":3,"milk":2}}\n')
        (folder / "examples.flow").write_text(PROGRAM.format(columns=columns))
        done = subprocess.run([flowc, "run", "examples.flow"], cwd=folder, capture_output=True, text=True)
        return (json.loads(done.stdout) if done.stdout else None), done.stderr


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    found = list(examples())
    columns = ", ".join(f"e{i} = {text}" for i, (_, text) in enumerate(found))
    row, errors = run(sys.argv[1], columns)
    if row is None:
        sys.exit(errors)
    wrong = [f"{place}: not true: {text}" for i, (place, text) in enumerate(found) if row[f"e{i}"] is not True]
    print("\n".join(wrong) if wrong else f"{len(found)} examples are true")
    return 1 if wrong or not found else 0


if __name__ == "__main__":
    sys.exit(main())
