#!/usr/bin/env python3
"""Every table that the examples and the programs of tests/run write, read by delta-rs and ClickHouse, and by
Spark where a table shows it something new: value by value, all must see the same rows.

  programs_judge.py FLOWC [--all]

Spark takes about a second to open a table. So it reads those that have a trait (a type of a column, of a
partition column, an operation, a feature of the protocol) that it has seen in fewer than five tables, and
with --all every one. Nested columns are compared between Spark and delta-rs.
"""
import base64
import collections
import datetime
import decimal
import importlib.metadata
import json
import math
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import time

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


def plain_nested(value, from_spark):
    """Lists, maps and structs: pyarrow gives a map as a list of pairs and a struct as a dict, Spark gives a dict
    and a Row."""
    if hasattr(value, "asDict"):
        value = value.asDict()
    elif isinstance(value, dict) and from_spark:
        value = list(value.items())
    if isinstance(value, dict):
        return {name: plain(part, from_spark) for name, part in value.items()}
    if value and all(type(part) is tuple for part in value):
        return sorted(([plain(key, from_spark), plain(part, from_spark)] for key, part in value), key=str)
    return [plain(part, from_spark) for part in value]


def plain(value, from_spark=False):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (dict, list, tuple)):
        return plain_nested(value, from_spark)
    if isinstance(value, float):
        return number_text(value)
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, datetime.datetime):
        value = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return (value - EPOCH) // datetime.timedelta(microseconds=1)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(bytes(value)).decode()
    return str(value)


def kind_of(type_):
    """One word for a column's type, from its Arrow type."""
    import pyarrow.types as is_
    checks = [("timestamp", is_.is_timestamp), ("date", is_.is_date), ("decimal", is_.is_decimal),
              ("float32", is_.is_float32), ("float", is_.is_floating),
              ("bytes", is_.is_binary), ("bytes", is_.is_large_binary), ("bytes", is_.is_binary_view), ("bool", is_.is_boolean),
              ("int", is_.is_integer), ("nested", is_.is_nested)]
    return next((word for word, check in checks if check(type_)), "string")


class DeltaRs:
    name = "delta-rs"

    @staticmethod
    def schema(path):
        import deltalake
        table = deltalake.DeltaTable(path).to_pyarrow_table()
        return [(field.name, kind_of(field.type)) for field in table.schema]

    @staticmethod
    def rows(path, schema):
        import deltalake
        table = deltalake.DeltaTable(path).to_pyarrow_table()
        return list(zip(*[[plain(v) for v in table.column(name).to_pylist()] for name, _ in schema]))


class Spark:
    name = "spark"
    is_slow, reads_nested = True, True

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
        return [tuple(plain(value, from_spark=True) for value in row) for row in found]


class ClickHouse:
    name = "chdb"
    is_slow, reads_nested = False, False

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
        if kind in ("float", "float32"):
            return number_text(text)
        if kind in ("int", "timestamp"):
            return int(text)
        return text == "true" if kind == "bool" else text

    def rows(self, path, schema):
        columns = ", ".join(self.column(name, kind) for name, kind in schema)
        text = self.session.query(f"SELECT {columns} FROM deltaLakeLocal('{path}')", "JSONCompactEachRow").bytes().decode()
        kinds = [kind for _, kind in schema]
        return [tuple(self.value(v, k) for v, k in zip(json.loads(line), kinds)) for line in text.splitlines()]


def types_of(name, type_):
    """The types within a type of Delta's schema, each with the way to it: `array/struct/long`."""
    if isinstance(type_, str):
        return [f"{name}/{type_.split('(')[0]}"]
    name = f"{name}/{type_['type']}"
    inner = [type_.get("elementType"), type_.get("keyType"), type_.get("valueType")]
    inner += [field["type"] for field in type_.get("fields", [])]
    return [found for part in inner if part is not None for found in types_of(name, part)]


def traits(path):
    """What could make a reader of this table do something that it does not do for another."""
    found = set()
    for log in sorted((path / "_delta_log").glob("*.json")):
        for line in log.read_text().splitlines():
            action, body = next(iter(json.loads(line).items()))
            if action == "metaData":
                fields = json.loads(body["schemaString"])["fields"]
                for field in fields:
                    place = "partition" if field["name"] in body["partitionColumns"] else "column"
                    found.update(types_of(f"{place} {field['nullable']}", field["type"]))
                found.update(f"property {key}" for key in body.get("configuration", {}))
            elif action == "commitInfo":
                found.add(f"operation {body.get('operation')}")
            elif action == "protocol":
                found.add(f"protocol {json.dumps(body, sort_keys=True)}")
            elif action == "remove" or log.name.strip("0") != ".json":
                found.add(f"later {action}")
    return found


class Novelty:
    """Says which tables have a trait that few before them had."""

    def __init__(self, enough):
        self.enough, self.seen = enough, collections.Counter()

    def wants(self, path):
        found = traits(path)
        if all(self.seen[trait] >= self.enough for trait in found):
            return False
        self.seen.update(found)
        return True


def comparable(rows, schema):
    """Decimals without the zeros at their end, float32 as such: its shortest text is that of other float64; sorted."""
    def value(v, kind):
        if kind == "float32" and v is not None:
            return number_text(struct.unpack("f", struct.pack("f", float(v)))[0])
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
        if (world / "before.flow").exists():
            run(flowc, "before.flow", world)
        run(flowc, "program.flow", world, repeat, [a for a in arguments if a])
    return sorted(path.parent for path in scratch.rglob("_delta_log"))


def without_nested(rows, schema):
    places = [place for place, (_, kind) in enumerate(schema) if kind != "nested"]
    return [tuple(row[place] for place in places) for row in rows], [schema[place] for place in places]


def judge(tables, engines, scratch, enough):
    failed, read, novelty = 0, collections.Counter(), Novelty(enough)
    for path in tables:
        schema = DeltaRs.schema(str(path))
        rows = DeltaRs.rows(str(path), schema)
        is_new = novelty.wants(path)
        for engine in engines:
            if engine.is_slow and not is_new:
                continue
            read[engine.name] += 1
            wanted, asked = without_nested(rows, schema) if not engine.reads_nested else (rows, schema)
            wanted = comparable(wanted, asked)
            found = comparable(engine.rows(str(path), asked), asked)
            if found != wanted:
                failed += 1
                missing = [row for row in wanted if row not in found][:3]
                extra = [row for row in found if row not in wanted][:3]
                print(f"{engine.name} reads {path.relative_to(scratch)}: {len(found)} rows, delta-rs {len(wanted)}\n"
                      f"  missing {missing}\n  extra {extra}")
    others = ", ".join(f"{count} by {name}" for name, count in read.items())
    print(f"{len(tables)} tables read by delta-rs, {others}: {failed} readings differ")
    return failed


def main():
    os.environ["TZ"] = "UTC"  # Spark gives the times within nested values in the local zone
    time.tzset()
    flowc = str(pathlib.Path(sys.argv[1]).resolve())
    with tempfile.TemporaryDirectory() as temporary:
        scratch = pathlib.Path(temporary)
        tables = write_tables(flowc, scratch)
        enough = len(tables) if "--all" in sys.argv else 5
        failed = judge(tables, [Spark(scratch), ClickHouse(scratch)], scratch, enough)
        os.chdir(ROOT)
    return 1 if failed or len(tables) < 10 else 0


if __name__ == "__main__":
    sys.exit(main())
