#!/usr/bin/env python3
"""Runs ctest and, just before its summary, says where the minutes went, folder by folder, against
tests/budget.txt. The arguments go to ctest; the exit status is ctest's."""
import collections
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
TEST_LINE = re.compile(r"Test\s+#\d+:\s+(\S+).*?\s([0-9.]+) sec")


def budget():
    rows = {}
    for line in (HERE / "budget.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            folder, minutes = line.split()
            rows[folder] = float(minutes)
    return rows


def report(seconds):
    allowed = budget()
    print("\nminutes by folder (spent / budget)")
    for folder in sorted(set(seconds) | set(allowed)):
        spent = seconds.get(folder, 0.0) / 60
        over = "  over budget" if spent > allowed.get(folder, 0.0) else ""
        print(f"  {folder:14} {spent:6.2f} / {allowed.get(folder, 0.0):5.2f}{over}")
    print(f"  {'all':14} {sum(seconds.values()) / 60:6.2f} / {sum(allowed.values()):5.2f}")


def main():
    seconds = collections.Counter()
    process = subprocess.Popen(["ctest", *sys.argv[1:]], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        match = TEST_LINE.search(line)
        if match:
            seconds[match.group(1).split("/")[0]] += float(match.group(2))
        if re.match(r"^\d+% tests passed", line):
            report(seconds)
        print(line, end="", flush=True)
    return process.wait()


if __name__ == "__main__":
    sys.exit(main())
