#!/usr/bin/env python3
"""Writes the pages of docs/ that are lists, from the .def files that are their truth:
docs/status.md, docs/errors.md, docs/functions.md, docs/limits.md, docs/rejections.md; and docs/stdlib.md from the
modules of stdlib/.
Without --update it only says which of them are stale."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def rows(path, macro):
    """The arguments of MACRO(…) rows; adjacent strings are one, as in C."""
    text = re.sub(r"^\s*//.*$", "", (ROOT / path).read_text(), flags=re.M)
    for match in re.finditer(rf"^{macro}\(((?:[^()\"]|\"(?:\\.|[^\"\\])*\"|\([^()]*\))*)\)", text, re.M):
        arguments, current, quoted = [], "", False
        for token in re.findall(r'"(?:\\.|[^"\\])*"|[^",]+|,', match.group(1)):
            if token == ",":
                arguments.append(current.strip())
                current, quoted = "", False
            elif token.startswith('"'):
                piece = token[1:-1].replace('\\"', '"').replace("\\\\", "\\")
                current = (current if quoted else "") + piece
                quoted = True
            elif token.strip():
                current += token.strip()
        arguments.append(current.strip())
        yield arguments


def status():
    lines = ["# What is not built yet", "",
             "LANGUAGE parses whole; what stands here is refused by the checker with `E900`, never run wrongly.",
             "Made from `compiler/support/unsupported.def`.", "", "| feature | where the language describes it |", "| --- | --- |"]
    return lines + [f"| {row[1]} | {row[2]} |" for row in rows("compiler/support/unsupported.def", "UNSUPPORTED")]


def errors():
    lines = ["# Index of diagnostics", "", "`flowc explain CODE` prints the same. Made from `compiler/support/diag.def`."]
    for code, severity, title, why in rows("compiler/support/diag.def", "DIAG"):
        lines += ["", f"## {code}: {title}", "", f"{severity.lower()}. {why}"]
    return lines


def functions():
    lines = ["# Functions", "", "Made from `runtime/abi/builtin.def` and the examples in `runtime/scalar/fn`.", "",
             "| function | arguments | result | |", "| --- | --- | --- | --- |"]
    examples = []
    for name, signature, result, text in rows("runtime/abi/builtin.def", "BUILTIN"):
        lines.append(f"| `{name}` | `{signature}` | `{result}` | {text} |")
        source = (ROOT / f"runtime/scalar/fn/fn_{name}.c").read_text()
        examples += [f"- `{e}`" for e in re.findall(r"// example: (.+)", source)]
    return lines + ["", "Examples, each of them a test:", ""] + examples


def limits():
    lines = ["# Limits", "", "Made from `runtime/base/limit.def`.", "", "| limit | value | |", "| --- | --- | --- |"]
    return lines + [f"| `{row[0]}` | `{row[1]}` | {row[2]} |" for row in rows("runtime/base/limit.def", "LIMIT")]


def rejections():
    lines = ["# Why records are rejected", "", "The `code` and `class` columns of a DLQ table. Made from "
             "`runtime/format/reject.def` and `compiler/plan/site.def`.", "", "| code | class | message |", "| --- | --- | --- |"]
    for code, _, reject_class, message in rows("runtime/format/reject.def", "REJECT"):
        lines.append(f"| {code} | {reject_class.lower()} | {message} |")
    for name, code, message in rows("compiler/plan/site.def", "SITE"):
        kind = {"CHECK": "contract", "EXPECT": "contract", "UNIQUE": "contract", "PARTITION": "sink", "OVERWRITE": "sink", "LATE": "late"}.get(name, "expression")
        lines.append(f"| {code} | {kind} | {message} |")
    return lines


def declarations(text):
    """Each declaration of a module: its kind, its head (without a value), its comment, its examples."""
    for match in re.finditer(r"((?:^-- .*\n)*)^(fn|type|contract) (.*(?:\n[^\n-].*)*)", text, re.M):
        comment = [line[3:] for line in match.group(1).splitlines()]
        examples = [line[len("example: "):] for line in comment if line.startswith("example: ")]
        kind, head = match.group(2), match.group(3)
        if kind == "fn":
            head = re.sub(r" =\n?.*", "", head, flags=re.S)
        elif kind == "contract":
            columns = re.findall(r"^  (\w+: (?:\([^)]*\)|[^\n ])+)", head, re.M)
            head = head.split(" {")[0] + " { " + ", ".join(columns) + " }"
        yield kind, head, " ".join(line for line in comment if not line.startswith("example: ")), examples


def stdlib():
    lines = ["# The standard library", "", "Flow written in Flow: `import std.NAME` makes a module's declarations visible. "
             "Made from `stdlib/`; `flowc explain std` prints the same.", "Every example is a test."]
    for path in sorted((ROOT / "stdlib").glob("*.flow")):
        head, body = path.read_text().split("\n\n", 1)
        lines += ["", f"## std.{path.stem}", "", " ".join(line[3:] for line in head.splitlines())]
        for kind, head, comment, examples in declarations(body):
            lines += ["", f"### `{kind} {head}`", "", comment]
            lines += [""] + [f"- `{example}`" for example in examples] if examples else []
    return lines


PAGES = {"status.md": status, "errors.md": errors, "functions.md": functions, "limits.md": limits, "rejections.md": rejections,
         "stdlib.md": stdlib}


def main():
    stale = []
    for name, make in PAGES.items():
        path = ROOT / "docs" / name
        text = "\n".join(make()) + "\n"
        if not path.exists() or path.read_text() != text:
            stale.append(name)
            if "--update" in sys.argv:
                path.write_text(text)
    if stale and "--update" not in sys.argv:
        print("stale: " + ", ".join(stale) + "; run tests/docs/make_reference.py --update")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
