#!/usr/bin/env python3
"""The house rules, checked: rooms and their includes, sizes, banned functions, lists, words, format.
Each finding is `file:line: what, and what to do instead`. Exit status 1 if there is one."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTS = ("compiler", "runtime")
FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 1000
FILE_BYTES_MAX = 256 * 1024
BANNED = {
    "malloc": "use an Arena or memory_alloc", "calloc": "use arena_zeroed", "realloc": "use memory_resize",
    "free": "use memory_free", "strcpy": "use memcpy with a known length", "strcat": "use a Buffer",
    "sprintf": "use buffer_format", "vsprintf": "use buffer_format", "strtok": "use strcspn",
    "atoi": "use value_parse_number", "atol": "use value_parse_number", "gets": "use sys_read",
    "alloca": "use an Arena", "setjmp": "return an Outcome", "longjmp": "return an Outcome",
    "strncpy": "use memcpy with a known length",
}
BANNED_OUTSIDE_SYS = {
    "time": "use sys_wall_us", "gettimeofday": "use sys_wall_us", "clock_gettime": "use sys_wall_us",
    "rand": "use sys_random", "random": "use sys_random", "getenv": "use sys_environment",
    "fopen": "use sys_open", "fsync": "use sys_sync",
}
SYSTEM_HEADERS = re.compile(r"^(unistd|fcntl|dirent|time|poll|pthread|sys/[a-z_]+|netinet/.*)\.h$")
# Where an operating system header or a banned function is the point: base's memory, the driver's processes.
SYS_ALLOWED = ("runtime/sys/", "runtime/base/", "compiler/driver/", "compiler/backend/", "runtime/engine/signal")

findings = []


def find(path, line, text):
    findings.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def sources(*suffixes):
    for part in PARTS:
        for path in sorted((ROOT / part).rglob("*")):
            if path.suffix in suffixes:
                yield path


def code_lines(path):
    """Lines without comments and string contents."""
    in_comment = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
        line = re.sub(r"'(\\.|[^'\\])*'", "''", line)
        if in_comment:
            end = line.find("*/")
            line = "" if end < 0 else line[end + 2:]
            in_comment = end < 0
        line = re.sub(r"//.*", "", line)
        line = re.sub(r"/\*.*?\*/", "", line)
        if "/*" in line:
            line = line[:line.index("/*")]
            in_comment = True
        yield number, line


def room_of(path):
    parts = path.relative_to(ROOT).parts
    return parts[1]


def rooms():
    text = (ROOT / "CMakeLists.txt").read_text()
    table = {}
    for part, name, rest in re.findall(r"^flow_room\((\w+) (\w+)([^)]*)\)", text, re.M):
        needs = rest.replace("NEEDS", "").split()
        table[name] = (part, needs)
    return table


def check_rooms():
    table = rooms()
    edges = {name: set() for name in table}
    for path in sources(".c", ".h", ".y", ".l"):
        room = room_of(path)
        for number, line in enumerate(path.read_text().splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
            if match:
                check_include(path, number, room, match.group(1), match.group(2), table, edges)
    check_cycles(table)


def check_include(path, number, room, quote, target, table, edges):
    if quote == "<":
        if target.startswith(("llvm", "clang")) and room not in ("gen", "backend"):
            find(path, number, "LLVM's headers belong to gen and backend only")
        allowed = str(path.relative_to(ROOT)).startswith(SYS_ALLOWED)
        if SYSTEM_HEADERS.match(target) and not allowed:
            find(path, number, f"<{target}> belongs to runtime/sys; go through sys.h")
        return
    other = target.split("/")[0]
    if other not in table or other == room:
        return
    edges[room].add(other)
    needs = table[room][1]
    if needs != ["*"] and other not in needs:
        find(path, number, f"room {room} includes {other}: add it to flow_room({room} NEEDS …) or do without")
    is_door = target.endswith(".def") or target.split("/")[-1].split(".")[0] in (target.split("/")[-2], other)
    is_door = is_door or target in ("sys/sys_memory.h", "base/task.h")
    if not is_door:
        find(path, number, f"{target} is not the door of {other}; include {other}/{other}.h")


def check_cycles(table):
    state = {}

    def visit(name, trail):
        if state.get(name) == "done" or name not in table:
            return
        if name in trail:
            findings.append(f"CMakeLists.txt:1: rooms in a cycle: {' -> '.join(trail + [name])}")
            return
        for need in table[name][1]:
            if need != "*":
                visit(need, trail + [name])
        state[name] = "done"

    for name in table:
        visit(name, [])


def check_sizes():
    for path in sources(".c", ".h"):
        lines = path.read_text().splitlines()
        if len(lines) > FILE_LINES_MAX:
            find(path, 1, f"{len(lines)} lines; split it by noun (at most {FILE_LINES_MAX})")
        start = None
        for number, line in enumerate(lines, 1):
            if line.endswith("{") and re.match(r"^[A-Za-z_].*\)|^\s+.*\) \{$", line) and start is None \
                    and not line.startswith(("typedef", "struct", "enum", "union", "#")):
                start = number
            elif line == "}" and start is not None:
                if number - start + 1 > FUNCTION_LINES_MAX:
                    find(path, start, f"a function of {number - start + 1} lines; at most {FUNCTION_LINES_MAX}")
                start = None
            elif line.startswith("}"):
                start = None


def check_banned():
    pattern = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + "|" + "|".join(BANNED_OUTSIDE_SYS) + r")\s*\(")
    for path in sources(".c", ".h"):
        relative = str(path.relative_to(ROOT))
        for number, line in code_lines(path):
            for name in pattern.findall(line):
                if name in BANNED and not relative.startswith("runtime/base/"):
                    find(path, number, f"{name}() is banned: {BANNED[name]}")
                if name in BANNED_OUTSIDE_SYS and not relative.startswith(SYS_ALLOWED):
                    find(path, number, f"{name}() is banned: {BANNED_OUTSIDE_SYS[name]}")


def check_text():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    marker = "TO" + "DO"
    for name in listed.splitlines():
        path = ROOT / name
        if path.is_symlink() or not path.is_file() or name.startswith("examples/data/") or "/data/" in name:
            continue
        data = path.read_bytes()
        if len(data) > FILE_BYTES_MAX:
            find(path, 1, f"{len(data)} bytes; no file over {FILE_BYTES_MAX}")
        if name == "LICENSE" or b"\0" in data or path.suffix in (".csv", ".ndjson", ".zst", ".gz", ".parquet"):
            continue
        check_text_file(path, data, marker)


def check_text_file(path, data, marker):
    text = data.decode("utf-8", "replace")
    if text and not text.endswith("\n"):
        find(path, text.count("\n") + 1, "no line end at the end of the file")
    for number, line in enumerate(text.splitlines(), 1):
        if line != line.rstrip() and path.suffix not in (".txt", ".md"):
            find(path, number, "trailing blanks")
        if re.search(rf"\b{marker}\b", line) and "tests/tidy" not in str(path):
            find(path, number, f"a {marker} without an owner; do it or file an issue")


def check_defs():
    """Lists agree with what hangs on them."""
    status = ROOT / "docs/status.md"
    unsupported = ROOT / "compiler/support/unsupported.def"
    for what in re.findall(r'UNSUPPORTED\(\w+,\s*"([^"]+)"', unsupported.read_text()):
        if what not in status.read_text():
            find(status, 1, f"does not name “{what}” of unsupported.def; run tests/docs/make_reference.py --update")
    for name in re.findall(r"^BUILTIN\((\w+)", (ROOT / "runtime/abi/builtin.def").read_text(), re.M):
        path = ROOT / f"runtime/scalar/fn/fn_{name}.c"
        if not path.exists() or "// example:" not in path.read_text():
            find(ROOT / "runtime/abi/builtin.def", 1, f"{name} needs {path.relative_to(ROOT)} with an example")
    check_codes()


def check_codes():
    expected = "".join(p.read_text() for p in sorted((ROOT / "tests/diag").glob("**/*.txt")))
    path = ROOT / "compiler/support/diag.def"
    seen = set()
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = re.match(r"DIAG\((\w\d\d\d)", line)
        if not match:
            continue
        code = match.group(1)
        if code in seen:
            find(path, number, f"{code} is listed twice")
        seen.add(code)
        if code not in expected:
            find(path, number, f"no test in tests/diag provokes {code}")


def check_links():
    """Links of Markdown pages lead somewhere, and every decision is in the index."""
    pages = [p for p in ROOT.rglob("*.md") if "build" not in p.relative_to(ROOT).parts]
    for path in pages:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", line):
                if not (path.parent / target).exists():
                    find(path, number, f"the link to {target} leads nowhere")
    index = ROOT / "docs/decisions/README.md"
    for path in sorted(index.parent.glob("[0-9]*.md")):
        if path.name not in index.read_text():
            find(index, 1, f"{path.name} is missing in the index")


def check_format():
    files = [str(p) for p in sources(".c", ".h")] + [str(p) for p in sorted((ROOT / "tests").rglob("*.[ch]"))]
    run = subprocess.run(["clang-format-19", "--dry-run", *files], capture_output=True, text=True)
    seen = set()
    for match in re.finditer(r"^(.+?):(\d+):\d+: warning", run.stderr, re.M):
        if match.group(1) not in seen:
            seen.add(match.group(1))
            find(pathlib.Path(match.group(1)), match.group(2), "not formatted; run clang-format-19 -i")


def check_exports(library):
    """Everything of libflowrt.a is hidden but what the ABI names."""
    run = subprocess.run(["readelf", "-sW", library], capture_output=True, text=True)
    for line in run.stdout.splitlines():
        fields = line.split()
        if len(fields) < 8 or fields[4] != "GLOBAL" or fields[6] == "UND" or fields[5] != "DEFAULT":
            continue
        if not fields[7].startswith(("flow_", "main", "__odr_asan", "__asan", "__start", "__stop")):
            findings.append(f"{library}:1: exports {fields[7]}; only flow_… names are part of the ABI")


def main():
    check_rooms()
    check_sizes()
    check_banned()
    check_text()
    check_defs()
    check_links()
    check_format()
    if len(sys.argv) > 1:
        check_exports(sys.argv[1])
    print("\n".join(findings) if findings else "tidy")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
