#!/usr/bin/env python3
"""Runs every code block of README, CONTRIBUTING and docs/.

A page's blocks run in order in one scratch folder that has `examples` and `flowc` in it.
  ```flow       a program: must pass `flowc check`; with a first line `-- file: NAME` it is also saved
  ```text NAME  saved as the file NAME (without a name: an excerpt of output, not run)
  ```console    lines after `$ ` are run; what they print must be what the page shows, where a line
                `…` stands for any lines and `…` within a line for any text
  ```sh         commands for the reader's shell whose programs must exist in the checkout
Any other language is a mistake.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def blocks(text):
    for match in re.finditer(r"^```(\S*)[ ]?([^\n]*)\n(.*?)^```$", text, re.M | re.S):
        yield match.group(1), match.group(2).strip(), match.group(3), text.count("\n", 0, match.start()) + 1


def pattern_of(lines):
    parts = []
    for line in lines:
        if line == "…":
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(".*?".join(re.escape(piece) for piece in line.split("…")) + r"\n")
    return re.compile("".join(parts) + r"\Z")


class Page:
    def __init__(self, path, flowc, scratch):
        self.path, self.flowc, self.scratch = path, flowc, scratch
        self.problems = []
        self.environment = {"PATH": f"{flowc.parent}:/usr/bin:/bin", "HOME": str(scratch), "LANG": "C.UTF-8"}

    def complain(self, line, text):
        self.problems.append(f"{self.path.relative_to(ROOT)}:{line}: {text}")

    def run(self):
        for language, name, body, line in blocks(self.path.read_text()):
            handler = getattr(self, "run_" + language, None) if language.isidentifier() else None
            if handler is None:
                self.complain(line, f"a block of language “{language}” is not run by anything")
            else:
                handler(name, body, line)
        return self.problems

    def shell(self, command):
        return subprocess.run(["bash", "-c", command], cwd=self.scratch, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run_flow(self, name, body, line):
        match = re.match(r"-- file: (\S+)\n", body)
        path = self.scratch / (match.group(1) if match else f"block_{line}.flow")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body)
        done = self.shell(f"flowc check {path.relative_to(self.scratch)}")
        if done.returncode != 0:
            self.complain(line, f"does not pass the checker:\n{done.stdout}")

    def run_text(self, name, body, line):
        if name:
            path = self.scratch / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)

    def run_console(self, name, body, line):
        steps = []
        for text in body.splitlines():
            if text.startswith("$ "):
                steps.append((text[2:], []))
            elif steps:
                steps[-1][1].append(text)
        for command, expected in steps:
            done = self.shell(command)
            if not pattern_of(expected).match(done.stdout if done.stdout.endswith("\n") or not done.stdout else done.stdout + "\n"):
                self.complain(line, f"$ {command}\nprinted (status {done.returncode}):\n{done.stdout}\nwanted:\n" + "\n".join(expected))

    def run_sh(self, name, body, line):
        for text in body.splitlines():
            words = text.split("#")[0].split()
            if words and words[0].startswith("./") and not (ROOT / words[0]).exists():
                self.complain(line, f"{words[0]} does not exist")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--flowc", required=True)
    options.add_argument("pages", nargs="*")
    arguments = options.parse_args()
    flowc = pathlib.Path(arguments.flowc).resolve()
    pages = [pathlib.Path(p).resolve() for p in arguments.pages]
    pages = pages or [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    problems = []
    for path in pages:
        with tempfile.TemporaryDirectory() as temporary:
            scratch = pathlib.Path(temporary)
            shutil.copytree(ROOT / "examples", scratch / "examples")
            problems += Page(path, flowc, scratch).run()
    print("\n".join(problems) if problems else f"the code blocks of {len(pages)} pages hold")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
