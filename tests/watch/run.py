#!/usr/bin/env python3
"""What others see of a run while it runs: its log, its metrics, its view on a terminal.

Programs run in a scratch folder as users run them; what they say is read by parsers that know nothing of Flow.
"""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time

from exposition import Exposition

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
TIMED = """source readings {
  columns { at: timestamp event_time, value: int64 }
  files "timed/*.ndjson"
  lateness 30 seconds
}

pipeline shop {
  trigger continuous
  checkpoint "timed_cp"
  checkpoint_interval 50 ms
}

flow count {
  from readings
  window tumbling 1 minute as minute
  group by minute { value = sum(value) }
  append into "lake/timed"
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

    # --- metrics ---------------------------------------------------------------------------------

    def get(self, port, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request(method, path)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.getheader("Content-Type"), text

    def scrape(self, port):
        status, kind, text = self.get(port, "/metrics")
        self.wants(status == 200 and kind == "text/plain; version=0.0.4; charset=utf-8", f"{status} {kind}")
        return Exposition(text)

    def until(self, port, what):
        """The first scrape for which `what` is true, or the last one."""
        for _ in range(400):
            found = self.scrape(port)
            if what(found):
                return found
            time.sleep(0.05)
        return found

    def begin(self, *words):
        run = subprocess.Popen([self.flowc, *words], cwd=self.folder, stderr=subprocess.PIPE, text=True,
                               env=self.environment)
        line = run.stderr.readline()
        match = re.match(r"flow: metrics are at port (\d+) \(", line)
        self.wants(match is not None, f"no port: {line!r}")
        return run, int(match[1]) if match else 0

    def end(self, run, wanted=""):
        run.send_signal(signal.SIGTERM)
        _, errors = run.communicate(timeout=60)
        self.wants(run.returncode == 0 and errors == wanted, f"status {run.returncode}: {errors}")

    def metrics(self):
        run, port = self.begin("run", "shop.flow", "--trigger", "continuous", "--checkpoint", "watched", "--metrics", "0")
        self.wants(self.get(port, "/healthz")[::2] == (200, "alive\n"), "it is not alive")
        self.until(port, lambda m: m.value("flow_ready") == 1)
        self.wants(self.get(port, "/readyz")[::2] == (200, "ready\n"), "it is not ready")
        self.wants(self.get(port, "/")[0] == 404 and self.get(port, "/metrics", "POST")[0] == 405, "other requests")
        before = self.until(port, lambda m: m.value("flow_epochs_total") >= 1)
        read = before.value("records_processed_total", source="orders")
        time.sleep(0.05)
        self.put("in/2.ndjson", [{"id": i, "amount": i - 2} for i in range(10)] + [{"id": 1}, {"id": "x", "amount": 1}])
        after = self.until(port, lambda m: m.value("records_processed_total", source="orders") == read + 12 and
                           m.value("flow_epochs_total") > before.value("flow_epochs_total"))
        wanted = {
            ("records_processed_total", "source", "orders"): 12,
            ("dlq_messages_total", "source", "orders"): 4,
            ("dlq_messages_total", "flow", "keep"): 0,
            ("flow_ledger_records_total", "flow", "keep", "column", "filtered"): 1,
            ("flow_ledger_records_total", "flow", "keep", "column", "out"): 7,
            ("schema_violations_total", "source", "orders", "class", "schema"): 2,
            ("schema_violations_total", "source", "orders", "class", "contract"): 2,
            ("schema_violations_total", "source", "orders", "class", "malformed"): 0,
            ("flow_epochs_total",): 1,
            ("commit_latency_seconds_count",): 1,
            ("checkpoint_duration_seconds_count",): 1,
        }
        for (name, *labels), more in wanted.items():
            chosen = {"pipeline": "shop", **dict(zip(labels[::2], labels[1::2]))}
            got = (before.value(name, **chosen), after.value(name, **chosen))
            self.wants(None not in got and got[1] - got[0] == more, f"{name} {chosen}: {got}, wanted {more} more")
        for name, labels in (("ingestion_lag_seconds", {"source": "orders"}), ("flow_table_commit_age_seconds", {"table": "kept"}),
                             ("flow_commit_age_seconds", {})):
            value = after.value(name, **labels)
            self.wants(value is not None and 0 <= value < 600, f"{name}: {value}")
        self.wants(after.value("checkpoint_size_bytes") > 0 and after.value("flow_poisoned") == 0, "sizes")
        self.bad_callers(port)
        later = self.until(port, lambda m: m.value("flow_commit_age_seconds") > after.value("flow_commit_age_seconds"))
        self.wants(later.value("flow_commit_age_seconds") > after.value("flow_commit_age_seconds"), "its age does not grow")
        self.wants(later.value("flow_epochs_total") == after.value("flow_epochs_total"), "an epoch of nothing")
        self.end(run)
        with socket.socket() as gone:
            self.wants(gone.connect_ex(("127.0.0.1", port)) != 0, "somebody still listens")

    def bad_callers(self, port):
        """Who says nothing, too much or nonsense is cut off, and does not keep others waiting for long."""
        with socket.create_connection(("127.0.0.1", port), timeout=20) as silent:
            began = time.monotonic()
            self.wants(self.get(port, "/healthz")[0] == 200, "a silent caller is in the way")
            self.wants(time.monotonic() - began < 10, "a silent caller is in the way for too long")
            self.wants(silent.recv(10) == b"", "a silent caller is answered")
        for nonsense in (b"GET /" + b"x" * 20000, b"\0\xff\r\n\r\n", b"\r\n\r\n", b"GET /metricsandmore HTTP/1.1\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as caller:
                try:
                    caller.sendall(nonsense)
                    answer = caller.recv(100)
                except ConnectionResetError:
                    answer = b""
            self.wants(not answer.startswith(b"HTTP/1.1 200"), f"{nonsense[:20]} is answered {answer}")
        self.wants(self.get(port, "/healthz?verbose")[0] == 200, "it does not answer any more")

    def event_times(self):
        """A program that goes by event time says how far its watermark and its newest record lie behind now."""
        newest = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=100)
        self.put("timed/1.ndjson", [{"at": newest.isoformat(), "value": 1}])
        (self.folder / "timed.flow").write_text(TIMED)
        run, port = self.begin("run", "timed.flow", "--metrics", "127.0.0.1:0")
        seen = self.until(port, lambda m: m.value("flow_epochs_total") >= 1)
        fresh, behind = (seen.value(f"{name}_lag_seconds", source="readings") for name in ("freshness", "watermark"))
        self.wants(fresh is not None and 100 <= fresh < 400, f"freshness: {fresh}")
        self.wants(behind is not None and abs(behind - fresh - 30) < 0.001, f"watermark: {behind}, newest {fresh}")
        self.end(run)

    def metrics_setting(self):
        """The program's own setting, an executable, a port that is taken, and an address that is none."""
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            (self.folder / "own.flow").write_text(ORDERS.replace("pipeline shop {", f'pipeline shop {{\n  metrics "{port}"'))
            status, _, errors = self.call("run", "own.flow", "--checkpoint", "own")
            self.wants(status == 4 and f"cannot listen at {port}: " in errors and not (self.folder / "own").exists(),
                       f"a port that is taken: {status} {errors}")
        status, _, errors = self.call("run", "own.flow", "--checkpoint", "own", "--metrics", "127.0.0.1:0", "--log", "json")
        served = [entry for entry in self.entries(errors) if entry["event"] == "metrics_served"]
        self.wants(status == 0 and len(served) == 1 and served[0]["port"] != port, f"{status} {errors}")

    # --- a terminal ------------------------------------------------------------------------------

    def terminal(self):
        """The view comes after a second, is drawn anew in place, and leaves nothing behind."""
        leader, follower = os.openpty()
        run = subprocess.Popen([self.flowc, "run", "shop.flow", "--trigger", "continuous", "--checkpoint", "seen"],
                               cwd=self.folder, stderr=follower, stdout=subprocess.DEVNULL, env=self.environment)
        os.close(follower)
        shown = b""
        while shown.count(b"last commit") < 3:
            shown += os.read(leader, 65536)
        run.send_signal(signal.SIGTERM)
        try:
            while more := os.read(leader, 65536):
                shown += more
        except OSError:
            pass  # the end of a terminal
        os.close(leader)
        self.wants(run.wait(timeout=60) == 0, "SIGTERM does not end it")
        text = shown.decode()
        views = re.findall(r"shop: \d+ rows, \d+ rows/s, [\d.]+ \w+, \d+ in the DLQ\r\n"
                           r"  orders +\d+ records\r\n"
                           r"  keep +in \d+, out \d+, filtered \d+, late 0, dlq \d+\r\n"
                           r"  state [\d.]+ \w+, \d+ epochs, last commit \d+ s ago\r\n", text)
        self.wants(len(views) >= 3, f"no view: {text!r}")
        self.wants(text.count("\x1b[4F\x1b[J") == text.count("shop: "), f"not drawn in place: {text!r}")
        self.wants(text.endswith("\x1b[4F\x1b[J"), f"something is left: {text!r}")


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
        watch.metrics()
        watch.event_times()
        watch.metrics_setting()
        watch.terminal()
        print(f"{len(watch.problems)} problems")
        return 1 if watch.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
