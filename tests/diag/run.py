#!/usr/bin/env python3
"""Mistakes: what `flowc check` prints about each program of this folder, to the letter.

tests/diag/NAME.flow  a program
tests/diag/NAME.txt   the rendered diagnostics, then `status N`
A program is checked in a folder of its own, under the name program.flow. Existing
tables that it meets stand in tests/diag/NAME.tables/, which is copied beside it.
Every code of diag.def must be provoked by some program here.
--update rewrites what is wanted; --only TEXT runs the names that contain it.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def diagnostics(flowc, program):
    with tempfile.TemporaryDirectory() as scratch:
        shutil.copy(program, pathlib.Path(scratch) / "program.flow")
        tables = program.with_suffix(".tables")
        if tables.exists():
            shutil.copytree(tables, scratch, dirs_exist_ok=True)
        done = subprocess.run([flowc, "check", "program.flow"], cwd=scratch, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=60, check=False)
    return done.stdout.decode() + f"status {done.returncode}\n"


def codes_defined():
    text = (ROOT / "compiler/support/diag.def").read_text()
    return set(re.findall(r"^DIAG\((\w+),", text, re.M))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flowc", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    flowc = args.flowc.resolve()
    failed, seen = [], set()
    programs = [path for path in sorted(HERE.glob("*.flow")) if args.only in path.stem]
    for program in programs:
        got = diagnostics(flowc, program)
        seen |= set(re.findall(r"^(?:error|warning)\[(\w+)\]", got, re.M))
        wanted = program.with_suffix(".txt")
        if args.update:
            wanted.write_text(got)
        elif not wanted.exists() or wanted.read_text() != got:
            failed.append(program.stem)
            print(f"--- {program.stem}: wanted\n{wanted.read_text() if wanted.exists() else ''}--- got\n{got}")
    unprovoked = sorted(codes_defined() - seen)
    if unprovoked and not args.only:
        failed.append("codes without a program: " + " ".join(unprovoked))
    print(f"{len(programs)} programs, {len(seen)} codes, failed: {failed or 'none'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
