#!/usr/bin/env python3
"""What each pass makes of a program: tests/golden/PASS/NAME.flow and NAME.txt.

PASS is a name that `flowc explain --dump-after` takes, or `types` or `asm`, which stand for the option of that
name, `test`: what `flowc test` says of it, or `fmt`: what `flowc fmt -` makes of it; what it makes of its own output and of every other program
here has to be the same again. A first line `-- args: …` gives further arguments. A line `-- has: REGEX` asks only whether some line of
the output matches (for text of which most belongs to others, such as assembly).
--update rewrites what is wanted; --only TEXT runs the tests whose PASS/NAME contains it.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent


def extra_arguments(text):
    extra = re.match(r"-- args: (.*)\n", text)
    return extra.group(1).split() if extra else []


def arguments(folder, text):
    option = [f"--{folder}"] if folder in ("types", "asm", "ir", "plan") else ["--dump-after", folder]
    return option + extra_arguments(text)


def filtered(text, output):
    patterns = re.findall(r"^-- has: (.*)$", text, re.M)
    if not patterns:
        return output
    return "".join(f"{p}: {'yes' if re.search(p, output, re.M) else 'no'}\n" for p in patterns)


def formatted(flowc, text):
    done = subprocess.run([flowc, "fmt", "-"], input=text.encode(), capture_output=True, timeout=60, check=False)
    return done.stdout.decode() + done.stderr.decode() + (f"status {done.returncode}\n" if done.returncode else "")


def unstable(flowc, programs):
    """Programs that `fmt` would lay out anew after it has laid them out."""
    found = []
    for program in programs:
        once = formatted(flowc, program.read_text())
        if not once.endswith("status 1\n") and formatted(flowc, once) != once:
            found.append(f"{program} is not stable under fmt")
    return found


def dump(flowc, program):
    text = program.read_text()
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(program, pathlib.Path(scratch) / "program.flow")
        if program.parent.name == "fmt":
            return formatted(flowc, text)
        command = [flowc, "explain", "program.flow", *arguments(program.parent.name, text)]
        if program.parent.name == "test":
            command = [flowc, "test", "program.flow", *extra_arguments(text)]
        done = subprocess.run(command, cwd=scratch, capture_output=True, timeout=60, check=False)
    status = f"status {done.returncode}\n" if done.returncode != 0 else ""
    return filtered(text, done.stdout.decode()) + done.stderr.decode() + status


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flowc", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    flowc = args.flowc.resolve()
    programs = [p for p in sorted(HERE.glob("*/*.flow")) if args.only in f"{p.parent.name}/{p.stem}"]
    failed = []
    for program in programs:
        got = dump(flowc, program)
        wanted = program.with_suffix(".txt")
        if args.update:
            wanted.write_text(got)
        elif not wanted.exists() or wanted.read_text() != got:
            failed.append(f"{program.parent.name}/{program.stem}")
            print(f"--- {failed[-1]}: wanted\n{wanted.read_text() if wanted.exists() else ''}--- got\n{got}")
    found = [] if args.update else unstable(flowc, programs)
    failed += found
    print(*found, sep="\n", end="")
    print(f"{len(programs)} programs, failed: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
