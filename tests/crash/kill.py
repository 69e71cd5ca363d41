#!/usr/bin/env python3
"""Kills real runs: 20 times SIGKILL at a random moment, every second with a checkpoint.

What is left must be nothing or the whole epoch of each table; and with a checkpoint the next run
leaves every row exactly once. Tables are read by delta-rs, not by Flow. The seed is printed.
"""
import argparse
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

import deltalake

ROWS = 200_000
PROGRAM = """
contract Order {
  id: int64 key
  kind: string
}
source orders: Order { files "in/*.ndjson" }
table appended {
  at "lake/appended"
  key (id)
  partition (kind)
}
table merged {
  at "lake/merged"
  key (id)
}
flow append_all {
  from orders
  append into appended
}
flow merge_all {
  from orders
  merge into merged { order by meta.position }
}
pipeline kills {
  trigger once
}
"""


def world_make(root):
    (root / "in").mkdir()
    (root / "kills.flow").write_text(PROGRAM)
    lines = (f'{{"id":{i},"kind":"{"abc"[i % 3]}"}}' for i in range(ROWS))
    (root / "in" / "orders.ndjson").write_text("\n".join(lines) + "\n")


def command(flowc, root, checkpoint):
    line = [flowc, "run", str(root / "kills.flow"), "--root", str(root)]
    return line + (["--checkpoint", "cp"] if checkpoint else [])


def rows(root, name):
    """How often each id stands in a table: 0, or the same count for all of them."""
    path = root / "lake" / name
    if not deltalake.DeltaTable.is_deltatable(str(path)):
        return 0
    ids = deltalake.DeltaTable(str(path)).to_pyarrow_table(columns=["id"])["id"].to_pylist()
    times, rest = divmod(len(ids), ROWS)
    assert rest == 0, f"{name}: {len(ids)} rows are no whole number of epochs"
    assert sorted(ids) == sorted(list(range(ROWS)) * times), f"{name}: an id is missing or doubled"
    return times


def is_complete(root):
    """Whether the newest slot of the log is a COMMITTED: the run was through when it was killed."""
    slots = sorted(p for p in (root / "cp" / "log").glob("*") if p.name.isdigit())
    return bool(slots) and slots[-1].read_bytes()[72] == 3


def run_whole(flowc, root, checkpoint):
    done = subprocess.run(command(flowc, root, checkpoint), capture_output=True, text=True)
    assert done.returncode == 0, f"status {done.returncode}: {done.stderr}"


def run_killed(flowc, root, checkpoint, seconds):
    process = subprocess.Popen(
        command(flowc, root, checkpoint), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def seconds_of_run(flowc, root):
    started = time.monotonic()
    run_whole(flowc, root, False)
    return time.monotonic() - started


def kill_once(flowc, checkpoint, seconds):
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        world_make(root)
        was_killed = run_killed(flowc, root, checkpoint, seconds)
        before = rows(root, "appended")
        assert before <= 1 and rows(root, "merged") <= 1
        # A run that was through before it was killed is not finished by the next but followed.
        is_finished_by_next = checkpoint and not is_complete(root)
        run_whole(flowc, root, checkpoint)
        wanted = 1 if is_finished_by_next else before + 1
        assert rows(root, "appended") == wanted, f"{rows(root, 'appended')} times, not {wanted}"
        assert rows(root, "merged") == 1
        return was_killed


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flowc", required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as scratch:
        world_make(pathlib.Path(scratch))
        seconds_of_run(options.flowc, pathlib.Path(scratch))  # fills the cache of objects
    with tempfile.TemporaryDirectory() as scratch:
        world_make(pathlib.Path(scratch))
        whole = seconds_of_run(options.flowc, pathlib.Path(scratch))
    killed = 0
    for i in range(options.kills * 3):
        if killed == options.kills:
            break
        killed += kill_once(options.flowc, i % 2 == 0, chance.uniform(0, whole))
    print(f"{killed} runs of about {whole:.2f} s killed")
    return 0 if killed == options.kills else 1


if __name__ == "__main__":
    sys.exit(main())
