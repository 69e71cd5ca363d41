#!/usr/bin/env python3
"""Every table that the examples and the programs of tests/run write, read by Spark, delta-rs and ClickHouse:
value by value, all three must see the same rows.

  programs_judge.py FLOWC
"""
import base64
import datetime
import decimal
import importlib.metadata
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
SPARK_OPTIONS = {
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.databricks.delta.snapshotPartitions": "1",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.log.level": "ERROR",
}


def number_text(value):
    """Floats by value, so that spelling does not matter."""
    value = float(value)
    return "NaN" if math.isnan(value) else repr(value + 0.0)


def plain(value):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    return str(value)


def kind_of(type_):
    """One word for a column's type, from its Arrow type."""
    import pyarrow.types as is_
    checks = [("timestamp", is_.is_timestamp), ("date", is_.is_date), ("decimal", is_.is_decimal), ("float", is_.is_floating),
              ("bytes", is_.is_binary), ("bytes", is_.is_large_binary), ("bytes", is_.is_binary_view), ("bool", is_.is_boolean),
              ("int", is_.is_integer), ("nested", is_.is_nested)]
    return next((word for word, check in checks if check(type_)), "string")


class DeltaRs:
    name = "delta-rs"

    @staticmethod
    def schema(path):
        import deltalake
        table = deltalake.DeltaTable(path).to_pyarrow_table()
        return [(field.name, kind_of(field.type)) for field in table.schema if kind_of(field.type) != "nested"]

    @staticmethod
    def rows(path, schema):
        import deltalake
        table = deltalake.DeltaTable(path).to_pyarrow_table()
        return list(zip(*[[plain(v) for v in table.column(name).to_pylist()] for name, _ in schema]))


class Spark:
    name = "spark"

    def __init__(self, scratch):
        from pyspark.sql import SparkSession
        version = importlib.metadata.version("delta-spark")
        builder = SparkSession.builder.master("local[1]").config("spark.jars.packages", f"io.delta:delta-spark_2.12:{version}")
        for key, value in SPARK_OPTIONS.items():
            builder = builder.config(key, value)
        self.session = builder.config("spark.sql.warehouse.dir", f"{scratch}/warehouse").getOrCreate()
        self.session.sparkContext.setLogLevel("ERROR")

    @staticmethod
    def column(name, kind):
        if kind == "timestamp":
            return f"unix_micros(`{name}`) AS `{name}`"
        return f"cast(`{name}` AS string) AS `{name}`" if kind == "date" else f"`{name}`"

    def rows(self, path, schema):
        frame = self.session.read.format("delta").load(path)
        found = frame.selectExpr(*[self.column(name, kind) for name, kind in schema]).collect()
        return [tuple(plain(value) for value in row) for row in found]


class ClickHouse:
    name = "chdb"

    def __init__(self, scratch):
        import chdb
        os.chdir(scratch)  # it reads below its working directory only
        self.session = chdb.connect(":memory:")

    @staticmethod
    def column(name, kind):
        if kind == "timestamp":
            return f"toUnixTimestamp64Micro(`{name}`)"
        return f"base64Encode(`{name}`)" if kind == "bytes" else f"toString(`{name}`)"

    @staticmethod
    def value(text, kind):
        if text is None:
            return None
        if kind == "float":
            return number_text(text)
        if kind in ("int", "timestamp"):
            return int(text)
        return text == "true" if kind == "bool" else text

    def rows(self, path, schema):
        columns = ", ".join(self.column(name, kind) for name, kind in schema)
        text = self.session.query(f"SELECT {columns} FROM deltaLakeLocal('{path}')", "JSONCompactEachRow").bytes().decode()
        kinds = [kind for _, kind in schema]
        return [tuple(self.value(v, k) for v, k in zip(json.loads(line), kinds)) for line in text.splitlines()]


def comparable(rows, schema):
    """Decimals without the zeros at their end; sorted."""
    def value(v, kind):
        return f"{decimal.Decimal(v).normalize():f}" if kind == "decimal" and v is not None else v
    kinds = [kind for _, kind in schema]
    return sorted(json.dumps([value(v, k) for v, k in zip(row, kinds)], ensure_ascii=False) for row in rows)


def run(flowc, program, world, repeat=1, arguments=()):
    for _ in range(repeat):
        done = subprocess.run([flowc, "run", program, *arguments], cwd=world, capture_output=True, text=True)
        if done.returncode not in (0, 7):
            sys.exit(f"{program}: status {done.returncode}\n{done.stderr}")


def write_tables(flowc, scratch):
    world = scratch / "examples_world"
    world.mkdir()
    shutil.copytree(ROOT / "examples", world / "examples")
    for program in sorted((ROOT / "examples").glob("*.flow")):
        run(flowc, f"examples/{program.name}", world)
    for folder in sorted(path.parent for path in (ROOT / "tests/run").glob("*/program.flow")):
        if (folder / "want/status").exists():
            continue
        world = scratch / folder.name
        shutil.copytree(folder, world, ignore=shutil.ignore_patterns("want"))
        repeat = int((folder / "again").read_text()) if (folder / "again").exists() else 1
        arguments = (folder / "args").read_text().split("\n") if (folder / "args").exists() else []
        run(flowc, "program.flow", world, repeat, [a for a in arguments if a])
    return sorted(path.parent for path in scratch.rglob("_delta_log"))


def judge(tables, engines, scratch):
    failed = 0
    for path in tables:
        schema = DeltaRs.schema(str(path))
        wanted = comparable(DeltaRs.rows(str(path), schema), schema)
        for engine in engines:
            found = comparable(engine.rows(str(path), schema), schema)
            if found != wanted:
                failed += 1
                missing = [row for row in wanted if row not in found][:3]
                extra = [row for row in found if row not in wanted][:3]
                print(f"{engine.name} reads {path.relative_to(scratch)}: {len(found)} rows, delta-rs {len(wanted)}\n"
                      f"  missing {missing}\n  extra {extra}")
    print(f"{len(tables)} tables read by delta-rs, {', '.join(e.name for e in engines)}: {failed} readings differ")
    return failed


def main():
    flowc = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as temporary:
        scratch = pathlib.Path(temporary)
        tables = write_tables(flowc, scratch)
        failed = judge(tables, [Spark(scratch), ClickHouse(scratch)], scratch)
        os.chdir(ROOT)
    return 1 if failed or len(tables) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
