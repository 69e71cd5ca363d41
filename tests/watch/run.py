#!/usr/bin/env python3
"""What others see of a run while it runs: its log.

Programs run in a scratch folder as users run them; what they say is read by parsers that know nothing of Flow.
"""
import argparse
import datetime
import json
import os
import pathlib
import subprocess
import tempfile

ORDERS = """contract Order {
  id: int64
  amount: int64 check amount >= 0
  note: string? check note is null or length(note) < 20 else warn
}

source orders: Order {
  files "in/*.ndjson"
  settle 10 ms
}

table kept {
  at "lake/kept"
}

pipeline shop {
  trigger available_now
  checkpoint "cp"
  checkpoint_interval 50 ms
}

flow keep {
  from orders
  where amount > 0
  append into kept
}
"""
LEVELS = {"info", "warning", "error"}


class Watch:
    def __init__(self, flowc, folder):
        self.flowc, self.folder = flowc, folder
        self.problems = []
        self.environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def wants(self, holds, text):
        if not holds:
            self.problems.append(text)
            print(text)

    def put(self, name, rows):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        hidden = path.with_name("." + path.name)
        hidden.write_text("".join(json.dumps(row) + "\n" for row in rows))
        hidden.rename(path)

    def call(self, *words):
        done = subprocess.run([self.flowc, *words], cwd=self.folder, capture_output=True, text=True,
                              env=self.environment, timeout=120, check=False)
        return done.returncode, done.stdout, done.stderr

    # --- the log ---------------------------------------------------------------------------------

    def entries(self, text):
        """Every line is an object that says when, how grave, what and whose."""
        found = []
        for line in text.splitlines():
            entry = json.loads(line)
            when = datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00"))
            age = datetime.datetime.now(datetime.timezone.utc) - when
            self.wants(abs(age.total_seconds()) < 600, f"not of today: {line}")
            self.wants(entry["level"] in LEVELS and entry["pipeline"] == "shop", f"no right entry: {line}")
            found.append(entry)
        return found

    def log(self):
        self.put("in/1.ndjson", [{"id": 1, "amount": 5}, {"id": 2, "amount": -1}, {"id": 3, "amount": 0},
                                 *({"id": i, "amount": 1, "note": 'a "long" note, too long'} for i in range(4, 12))])
        status, _, errors = self.call("run", "shop.flow", "--log", "json", "--summary")
        entries = self.entries(errors)
        events = [entry["event"] for entry in entries]
        self.wants(status == 0 and events == ["run_started", *["check_failed"] * 5, "check_failed_often", "epoch_committed",
                                              "summary", "run_ended"], f"status {status}, events {events}")
        by_event = {entry["event"]: entry for entry in entries}
        warning = by_event["check_failed"]
        self.wants(warning["level"] == "warning" and warning["location"] == "shop.flow:4:23" and
                   warning["message"].startswith("shop.flow:4:23: ") and "in/1.ndjson at " in warning["message"],
                   f"no right warning: {warning}")
        self.wants(by_event["check_failed_often"]["times"] == 8, f"not 8 times: {by_event['check_failed_often']}")
        self.wants(by_event["epoch_committed"]["dlq"] == 1, f"not one in the DLQ: {by_event['epoch_committed']}")
        self.wants(by_event["summary"]["flows"][0] == {"flow": "keep", "in": 10, "out": 9, "filtered": 1, "dropped": 0,
                                                       "late": 0, "dlq": 0}, f"wrong: {by_event['summary']}")
        self.wants(by_event["run_ended"]["status"] == 0 and by_event["run_ended"]["epochs"] == 1, f"{by_event['run_ended']}")

        (self.folder / "in/1.ndjson").write_text("{}\n")
        status, _, errors = self.call("run", "shop.flow", "--log", "json", "--summary", "json")
        changed = [entry for entry in self.entries(errors) if entry["event"] == "file_changed"]
        self.wants(len(changed) == 1 and changed[0]["source"] == "orders" and changed[0]["file"] == "in/1.ndjson",
                   f"a file that has changed: {errors}")

    def log_of_failures(self):
        """What stops a run is an object too, also what the compiler finds and when an executable says it."""
        status, _, errors = self.call("run", "shop.flow", "--log", "json", "--trigger", "once", "--checkpoint", "shop.flow")
        entries = self.entries(errors)
        self.wants(status != 0 and [(e["level"], e["event"]) for e in entries] ==
                   [("error", "run_failed"), ("info", "run_ended")] and entries[1]["status"] == status, f"{status} {errors}")
        (self.folder / "wrong.flow").write_text("flow f {\n  from nothing\n}\n")
        status, _, errors = self.call("run", "wrong.flow", "--log", "json")
        found = [json.loads(line) for line in errors.splitlines()]
        self.wants(status == 1 and found[0]["v"] == 1, f"findings: {errors}")
        status, _, errors = self.call("run", "shop.flow", "--log", "xml")
        self.wants(status == 2 and "--log is text|json, not `xml`" in errors, f"--log xml: {errors}")

    def text_stays(self):
        """Without --log nothing is told that people need not know."""
        status, _, errors = self.call("run", "shop.flow", "--trigger", "once", "--checkpoint", "other")
        self.wants(status == 0 and errors == "", f"status {status}: {errors}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("flowc", type=pathlib.Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "shop.flow").write_text(ORDERS)
        watch = Watch(args.flowc.resolve(), folder)
        watch.log()
        watch.log_of_failures()
        (folder / "in/1.ndjson").write_text('{"id":1,"amount":1}\n')
        watch.text_stays()
        print(f"{len(watch.problems)} problems")
        return 1 if watch.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
