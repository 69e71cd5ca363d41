#!/usr/bin/env python3
"""DuckDB answers the questions that `differential --sql DIR` left, and must give the printed rows."""
import datetime
import decimal
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "run"))
import run as programs  # noqa: E402  (plain: values as JSON that tells digits apart)


def number(value):
    return isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool)


def same(ours, theirs):
    if number(ours) and number(theirs):
        if isinstance(theirs, float):
            return programs.near(float(ours), float(theirs))
        return decimal.Decimal(ours) == decimal.Decimal(theirs)
    if isinstance(theirs, datetime.datetime) and isinstance(ours, str):
        return datetime.datetime.fromisoformat(ours) == theirs  # 0, 3 or 6 digits of a second
    return ours == programs.plain(theirs)


def instant(value):
    """One spelling for a time, whichever engine wrote it."""
    if isinstance(value, str) and value.endswith("Z"):
        try:
            return programs.plain(datetime.datetime.fromisoformat(value))
        except ValueError:
            return value
    return programs.plain(value)


def row_key(row):
    return json.dumps([str(value.normalize()) if isinstance(value, decimal.Decimal) and value == value else instant(value)
                       for value in (decimal.Decimal(v) if number(v) else v for v in row.values())], ensure_ascii=False)


def judge(connection, folder):
    os.chdir(folder)
    cursor = connection.execute((folder / "question.sql").read_text())
    names = [column[0] for column in cursor.description]
    theirs = sorted((dict(zip(names, row)) for row in cursor.fetchall()), key=row_key)
    text = (folder / "answer.ndjson").read_text()
    ours = sorted((json.loads(line, parse_float=decimal.Decimal) for line in text.splitlines()), key=row_key)
    if len(ours) != len(theirs):
        return f"{len(ours)} rows printed, {len(theirs)} answered"
    for mine, other in zip(ours, theirs):
        wrong = [name for name in other if name not in mine or not same(mine[name], other[name])]
        if wrong:
            return f"{wrong}: printed {mine}, answered {other}"
    return None


def main():
    import duckdb
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'; SET threads = 1")
    base = pathlib.Path(sys.argv[1]).resolve()
    folders = sorted((p for p in base.iterdir() if p.is_dir()), key=lambda p: int(p.name))
    failed = 0
    for folder in folders:
        try:
            problem = judge(connection, folder)
        except duckdb.Error as error:
            problem = str(error)
        if problem:
            failed += 1
            print(f"seed {folder.name}: {problem}\n{(folder / 'program.flow').read_text()}\n{(folder / 'question.sql').read_text()}")
    print(f"{len(folders)} cases judged by DuckDB, {failed} differ")
    return 1 if failed or not folders else 0


if __name__ == "__main__":
    sys.exit(main())
