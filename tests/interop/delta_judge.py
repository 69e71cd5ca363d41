"""Judges the store by other people's engines, value by value.

    delta_judge.py DELTA_TOOL [ENGINE ...]

Tables that delta_tool writes (appends, overwrites, merges, checkpoints) are read by Spark, delta-rs
and chdb, with and without filters; tables that Spark and delta-rs write are read by delta_tool, and
Flow's appends and merges into Spark's tables are read by Spark. Prints a line for each comparison
that failed and ends with 1 if there was any. With engines named, only these judge.
"""

import base64
import collections
import datetime
import decimal
import importlib.metadata
import json
import os
import struct
import subprocess
import sys
import tempfile

os.environ["TZ"] = "UTC"
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)
decimal.getcontext().prec = 60

tool = ""
root = ""
failures = []
check_count = 0


def check(is_right, what):
    global check_count
    check_count += 1
    if not is_right:
        failures.append(what)
        print("FAIL", what, flush=True)


# --- one form of value for all -----------------------------------------------------------------------
def from_text(text, kind):
    """What delta_tool is given."""
    kind = kind.rstrip("?")
    if text == "-":
        return None
    if kind.startswith("float"):
        return from_engine(float(text.replace("Infinity", "inf")), kind)
    if kind == "bytes":
        return base64.b64decode(text)
    if kind == "bool":
        return text == "true"
    if kind.startswith("decimal"):
        return from_engine(decimal.Decimal(text), kind)
    if kind == "timestamp":
        return (datetime.datetime.fromisoformat(text) - EPOCH) // MICROSECOND
    if kind.startswith("int") or kind == "duration":
        return int(text)
    return text


def from_json(value, kind):
    """What delta_tool prints."""
    kind = kind.rstrip("?")
    if value is None or kind in ("bool", "string", "date", "duration"):
        return value
    if kind.startswith("enum") or kind.startswith("int"):
        return value
    return from_text(str(value), kind)


def from_engine(value, kind):
    """What Python libraries give."""
    kind = kind.rstrip("?")
    if value is None:
        return None
    if kind.startswith("float"):
        if value != value:
            return "NaN"
        return struct.pack("<f" if kind == "float32" else "<d", value)
    if kind == "timestamp" and isinstance(value, datetime.datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return (moment - EPOCH) // MICROSECOND
    if kind == "date":
        return value if isinstance(value, str) else value.isoformat()
    if kind == "bytes":
        return value.encode("latin-1") if isinstance(value, str) else bytes(value)
    if kind.startswith("decimal"):
        return value.quantize(decimal.Decimal(1).scaleb(-int(kind[:-1].split(",")[1])))
    if kind == "bool":
        return bool(value)
    if kind == "duration" and isinstance(value, datetime.timedelta):
        return value // MICROSECOND
    return value


def rows_text(rows):
    return sorted(repr(row) for row in rows)


def same_rows(found, wanted, what):
    found = collections.Counter(rows_text(found))
    wanted = collections.Counter(rows_text(wanted))
    missing = list((wanted - found).elements())[:3]
    extra = list((found - wanted).elements())[:3]
    check(found == wanted, f"{what}: missing {missing}, extra {extra}")


# --- tables --------------------------------------------------------------------------------------------
class Table:
    """A table as runs of delta_tool; `rows` are what it must hold, as texts."""

    def __init__(self, name, columns, partition="", key="", orders="", has_delete=False):
        self.name, self.partition, self.key, self.orders = name, partition, key, orders
        self.has_delete = has_delete
        self.columns = [column.split(" ", 1) for column in columns]
        self.path = os.path.join(root, name)
        self.rows = []
        self.passed_over = () # by these engines

    def run(self, mode, lines):
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns)
        order = [
            tool, mode, root, self.name, columns,
            f" {self.key} " if self.key else "-",
            f" {self.partition} " if self.partition else "-",
            self.orders or "-",
            "delete" if self.has_delete else "-",
        ]
        text = "".join(line + "\n" for line in lines)
        done = subprocess.run(order, input=text.encode(), capture_output=True)
        check(done.returncode == 0, f"{self.name}: {mode}: {done.stderr.decode()}")

    def append(self, lines):
        self.run("append", lines)
        self.rows += lines

    def overwrite(self, lines):
        self.run("overwrite", lines)
        self.rows = list(lines)

    def merge(self, lines, rows):
        self.run("merge", lines)
        self.rows = list(rows)

    def wanted(self):
        return [
            tuple(from_text(field, kind) for field, (_, kind) in zip(row.split("|"), self.columns))
            for row in self.rows
        ]


VALUES = {
    "bool?": ["-", "false", "true"],
    "int8?": ["-", "-128", "127", "0"],
    "int16?": ["-", "-32768", "32767"],
    "int32?": ["-", "-2147483648", "2147483647"],
    "int64?": ["-", "-9223372036854775808", "9223372036854775807"],
    "float32?": ["-", "-0.5", "3.4028234663852886e38", "0.1"],
    "float64?": ["-", "-0.0", "0.1", "1e-300", "-1.7976931348623157e308"],
    "decimal(9,2)?": ["-", "-9999999.99", "0.01"],
    "decimal(18,4)?": ["-", "-99999999999999.9999", "12.5000"],
    "decimal(38,10)?": ["-", "-1234567890123456789012345678.0123456789", "0.0000000001"],
    "string?": ["-", "a", "a b", "a/b", "%", "%20", "+", "é=1", "x" * 300, "#?&'\"\\"],
    "bytes?": ["-", "AAECAw==", "/w=="],
    "date?": ["-", "1970-01-01", "2024-02-29", "1969-12-31"],
    "timestamp?": ["-", "1969-12-31T23:59:59.999999+00:00", "2024-02-29T12:00:00.123456+00:00"],
    "duration?": ["-", "-1", "86400000000"],
    "enum(open;paid;a very long value indeed)?": ["-", "open", "a very long value indeed"],
}
ANCIENT = {
    "date?": ["-", "1000-01-01", "1582-10-14", "9999-12-31"],
    "timestamp?": ["-", "1582-10-04T00:00:00+00:00", "1899-12-31T23:59:59.999999+00:00"],
    "float64?": ["-", "NaN", "Infinity", "-Infinity", "0.0"],
    "float32?": ["-", "NaN", "Infinity", "0.0"],
}


def cell_lines(values, count):
    """Row i has the i-th value of each column, from the start again where they end."""
    return ["|".join([str(i)] + [list(v)[i % len(v)] for v in values]) for i in range(count)]


def types_table(name, kinds):
    table = Table(name, ["id int64"] + [f"c{i} {kind}" for i, kind in enumerate(kinds)])
    lines = cell_lines(kinds.values(), 40)
    table.append(lines[:25])
    table.append(lines[25:])
    return table


def partition_values(kind):
    """delta-rs reads the partition value -1.50 as -1.-50, also what it has written itself."""
    return [v for v in VALUES[kind] if not (kind.startswith("decimal") and v.startswith("-") and v != "-")]


def directory_values(kind):
    """Other engines make directories of any value, as long as the file system takes it."""
    return [value for value in partition_values(kind) if len(value) < 100]


# Types that partition a table together; a table for each would be the same test, but slower.
GROUPS = {
    "numbers": ["bool?", "int8?", "int16?", "int32?", "int64?"],
    "reals": ["float32?", "float64?"],
    "decimals": ["decimal(9,2)?", "decimal(18,4)?"],
    "wide": ["decimal(38,10)?"],
    "string": ["string?"],
    "times": ["date?", "timestamp?"],
    "own": ["duration?", "enum(open;paid;a very long value indeed)?"],
}
FOREIGN_GROUPS = {name: GROUPS[name] for name in ("numbers", "decimals", "wide", "string", "times")}


def partition_table(name, kinds):
    columns = [f"p{i} {kind}" for i, kind in enumerate(kinds)]
    return Table(name, columns + ["id int64"], partition=" ".join(f"p{i}" for i in range(len(kinds))))


def partition_lines(lists, count):
    """Row n has the n-th value of each list."""
    return ["|".join([v[n % len(v)] for v in lists] + [str(n)]) for n in range(count)]


def partitioned_table(name, kinds, lists):
    table = partition_table(name, kinds)
    lines = partition_lines(lists, 2 * max(len(v) for v in lists))
    table.append(lines[::2])
    table.append(lines[1::2])
    return table


def long_log_table():
    table = Table("log", ["id int64", "name string?"])
    for i in range(12):
        table.append([f"{i}|n{i}"])
    table.overwrite(["100|again"])
    for i in range(13, 24):
        table.append([f"{i}|-"])
    return table


def strict_table():
    columns = ["id int64", "name string", "at timestamp", "day date", "n decimal(10,2)"]
    table = Table("strict", columns, partition="day")
    table.append(["1|a|2024-01-01T00:00:00+00:00|2024-01-01|1.50"])
    table.append(["2|b|2024-01-02T00:00:00+00:00|2024-01-02|-1.50"])
    return table


def wide_table():
    table = Table("wide", [f"c{i} int64" for i in range(24)])
    table.append(["|".join(str(n * 100 + i) for i in range(24)) for n in range(5)])
    return table


def empty_table():
    table = Table("empty", ["id int64", "name string?"])
    table.append([])
    return table


def merged_table():
    table = Table("merged", ["id int64", "name string?"], key="id", orders="seq timestamp", has_delete=True)
    at = "2024-01-0{}T00:00:00.5+00:00".format
    table.merge([f"{i}|n{i}|{at(1)}|false" for i in range(100)], [f"{i}|n{i}" for i in range(100)])
    table.merge(
        [f"7|-|{at(2)}|true", f"8|new|{at(2)}|false", f"200|x|{at(2)}|false", f"9|old|2023-01-01T00:00:00Z|false"],
        [f"{i}|n{i}" for i in range(100) if i not in (7, 8)] + ["8|new", "200|x"])
    return table


def struct_merged_table():
    table = Table(
        "merged_struct", ["id int64", "name string?", "p string?"], key="id", partition="p",
        orders="seq int64, minor string?", has_delete=True)
    table.merge(["1|a|x|1|m|false", "2|b|y|1|-|false", "3|c|x|1|m|false"], ["1|a|x", "2|b|y", "3|c|x"])
    table.merge(
        ["1|a2|y|1|n|false", "2|-|y|2|m|true", "4|d|-|1|m|false", "3|no|x|1|a|false"],
        ["1|a2|y", "3|c|x", "4|d|-"])
    return table


def checkpointed_merges():
    table = Table("merged_often", ["id int64", "n int64"], key="id", orders="seq int64", has_delete=True)
    state = {}
    for i in range(25):
        state[i % 7] = i
        table.merge([f"{i % 7}|{i}|{i}|false"], [f"{k}|{v}" for k, v in state.items()])
    return table


def flow_tables():
    ancient = types_table("ancient", ANCIENT)
    ancient.passed_over = ("chdb",) # its times begin in 1900
    negative = partitioned_table("part_negative", ["decimal(9,2)?"], [["-9999999.99", "-0.01"]])
    negative.passed_over = ("delta-rs",)
    tables = [types_table("types", VALUES), ancient, negative]
    tables += [
        partitioned_table(f"part_{name}", kinds, [partition_values(kind) for kind in kinds])
        for name, kinds in GROUPS.items()
    ]
    tables += [long_log_table(), strict_table(), wide_table(), empty_table()]
    tables += [merged_table(), struct_merged_table(), checkpointed_merges()]
    for table in tables:
        if table.name == "part_wide":
            table.passed_over = ("chdb",) # it swaps the halves of such a partition value
    return tables


# --- engines -------------------------------------------------------------------------------------------
class Flow:
    name = "flow"

    def rows(self, table, version=None):
        order = [tool, "read", root, table.name] + ([] if version is None else [str(version)])
        done = subprocess.run(order, capture_output=True)
        check(done.returncode == 0, f"{table.name}: read: {done.stderr.decode()}")
        lines = done.stdout.decode().splitlines()
        rows = [json.loads(line, parse_float=str) for line in lines]
        return [tuple(from_json(row[name], kind) for name, kind in table.columns) for row in rows]


class DeltaRs:
    name = "delta-rs"

    def __init__(self):
        import deltalake
        self.deltalake = deltalake

    def rows(self, table, version=None):
        opened = self.deltalake.DeltaTable(table.path, version=version)
        found = opened.to_pyarrow_table()
        names = [name for name, _ in table.columns]
        lists = [found.column(name).to_pylist() for name in names]
        kinds = [kind for _, kind in table.columns]
        return [tuple(from_engine(v, k) for v, k in zip(row, kinds)) for row in zip(*lists)]

    def filtered(self, table, column, kind, value):
        found = self.deltalake.DeltaTable(table.path).to_pyarrow_dataset()
        import pyarrow.compute
        import pyarrow
        field = pyarrow.compute.field(column)
        scalar = pyarrow.scalar(value, found.schema.field(column).type)
        return found.filter(field == scalar).count_rows()


class Chdb:
    name = "chdb"

    def __init__(self):
        import chdb
        os.chdir(root) # it reads below its working directory only
        self.session = chdb.connect(":memory:")

    def query(self, sql):
        text = self.session.query(sql, "JSONCompactEachRow").bytes().decode()
        return [json.loads(line, parse_float=str) for line in text.splitlines()]

    @staticmethod
    def column(name, kind):
        """Values as texts or numbers that JSON keeps."""
        kind = kind.rstrip("?")
        if kind == "timestamp":
            return f"toUnixTimestamp64Micro({name})"
        if kind == "bytes":
            return f"base64Encode({name})"
        if kind.startswith("float"):
            return f"toString({name})"
        return f"toString({name})"

    def rows(self, table, version=None):
        kinds = [kind for _, kind in table.columns]
        columns = ", ".join(self.column(name, kind) for name, kind in table.columns)
        found = self.query(f"SELECT {columns} FROM deltaLakeLocal('{table.path}')")
        return [tuple(self.value(v, k) for v, k in zip(row, kinds)) for row in found]

    @staticmethod
    def value(value, kind):
        if value is None:
            return None
        if kind.startswith("timestamp"):
            return int(value)
        text = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(value, value)
        return from_text(text, kind) if text != "-" else text

    def filtered(self, table, column, kind, value):
        kind = kind.rstrip("?")
        if kind == "timestamp":
            literal = f"fromUnixTimestamp64Micro({(value - EPOCH) // MICROSECOND})"
        elif kind.startswith("decimal"):
            literal = f"toDecimal128('{value}', {kind[:-1].split(',')[1]})"
        elif kind == "date":
            literal = f"toDate32('{value}')"
        elif isinstance(value, str):
            literal = "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        else:
            literal = str(value).lower()
        sql = f"SELECT count() FROM deltaLakeLocal('{table.path}') WHERE {column} = {literal}"
        return int(self.query(sql)[0][0])


class Spark:
    name = "spark"

    def __init__(self):
        from pyspark.sql import SparkSession
        version = importlib.metadata.version("delta-spark")
        self.spark = (
            SparkSession.builder.master("local[1]")
            .config("spark.jars.packages", f"io.delta:delta-spark_2.12:{version}")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .config("spark.ui.enabled", "false")
            .config("spark.ui.showConsoleProgress", "false")
            .config("spark.sql.warehouse.dir", os.path.join(root, "warehouse"))
            .config("spark.driver.memory", "1g")
            .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
            .config("spark.sql.codegen.wholeStage", "false")
            .config("spark.sql.codegen.factoryMode", "NO_CODEGEN")
            .config("spark.log.level", "ERROR")
            .getOrCreate())
        self.spark.sparkContext.setLogLevel("ERROR")

    @staticmethod
    def column(name, kind):
        """Python's own dates end where Spark's do not."""
        kind = kind.rstrip("?")
        if kind == "timestamp":
            return f"unix_micros({name}) AS {name}"
        return f"cast({name} AS string) AS {name}" if kind == "date" else name

    def frame(self, table, version=None):
        reader = self.spark.read.format("delta")
        if version is not None:
            reader = reader.option("versionAsOf", version)
        return reader.load(table.path)

    def rows(self, table, version=None):
        found = self.frame(table, version).selectExpr(*[self.column(n, k) for n, k in table.columns])
        kinds = [kind for _, kind in table.columns]
        return [tuple(from_engine(v, k) for v, k in zip(row, kinds)) for row in found.collect()]

    def filtered(self, table, column, kind, value):
        from pyspark.sql import functions
        return self.frame(table).where(functions.col(column) == functions.lit(value)).count()


# --- they read what we write -----------------------------------------------------------------------------
def python_value(text, kind):
    """For a filter: as Python libraries take it."""
    kind = kind.rstrip("?")
    if kind == "timestamp":
        return datetime.datetime.fromisoformat(text)
    if kind == "date":
        return datetime.date.fromisoformat(text)
    if kind.startswith("float"):
        return float(text)
    return from_text(text, kind)


def judge_filters(engine, table):
    """A wrong statistic makes an engine skip a file that it should read."""
    for i, (column, kind) in enumerate(table.columns):
        fields = [row.split("|")[i] for row in table.rows]
        texts = [text for text in fields if text not in ("-", "NaN")]
        passed_over = ("bytes", "float32", "bool") if engine.name == "delta-rs" else ("bytes", "float32")
        if not texts or kind.rstrip("?") in passed_over:
            continue # of a column without bounds, delta-rs makes a filter that nothing passes
        for text in {max(texts)} if engine.name == "spark" else {min(texts), max(texts)}:
            wanted = sum(from_text(f, kind) == from_text(text, kind) for f in fields)
            found = engine.filtered(table, column, kind, python_value(text, kind))
            check(found == wanted, f"{engine.name}: {table.name}.{column} = {text}: {found}, not {wanted}")


def judge_reading(engine, tables):
    for table in tables:
        if engine.name in table.passed_over:
            continue
        try:
            same_rows(engine.rows(table), table.wanted(), f"{engine.name} reads {table.name}")
        except Exception as error:  # a reader that gives up is a finding like any other
            check(False, f"{engine.name} reads {table.name}: {type(error).__name__}: {str(error)[:400]}")
    if engine.name != "flow":
        for table in tables:
            if table.name in ("types", "part_string", "merged"):
                judge_filters(engine, table)


def judge_spark_details(spark, tables):
    by_name = {table.name: table for table in tables}
    history = spark.spark.sql(f"DESCRIBE HISTORY delta.`{by_name['log'].path}`").collect()
    check(len(history) == 24, f"spark: history of log has {len(history)} entries")
    check(history[11]["operationParameters"]["mode"] == "Overwrite", "spark: history tells the overwrite")
    check(history[0]["operationMetrics"]["numOutputRows"] == "1", "spark: history tells the rows")
    old = spark.rows(by_name["log"], version=3)
    same_rows(old, [(i, f"n{i}") for i in range(4)], "spark reads version 3 of log")
    schema = spark.frame(by_name["strict"]).schema
    detail = spark.spark.sql(f"DESCRIBE DETAIL delta.`{by_name['strict'].path}`").collect()[0]
    check(detail["partitionColumns"] == ["day"], "spark: strict is partitioned by day")
    check((detail["minReaderVersion"], detail["minWriterVersion"]) == (1, 2), "spark: protocol 1, 2")
    check(schema is not None, "spark: strict has a schema")
    fields = spark.frame(by_name["merged_struct"]).schema["_sequence"].dataType.fieldNames()
    check(fields == ["_1", "_2"], f"spark: _sequence is a struct of {fields}")
    found = spark.frame(by_name["merged_struct"]).where("id = 1").selectExpr("_sequence._1", "_sequence._2")
    check(found.collect()[0] == (1, "n"), "spark: _sequence holds the order")


# --- we read what they write -------------------------------------------------------------------------------
def python_rows(table):
    return [
        tuple(None if text == "-" else python_value(text, kind)
              for text, (_, kind) in zip(row.split("|"), table.columns))
        for row in table.rows
    ]


SPARK_TYPES = {
    "bool": "boolean", "int8": "tinyint", "int16": "smallint", "int32": "int", "int64": "bigint",
    "float32": "float", "float64": "double", "string": "string", "bytes": "binary", "date": "date",
    "timestamp": "timestamp",
}
FOREIGN = {kind: values for kind, values in VALUES.items() if not kind.startswith(("enum", "duration"))}


def spark_write(spark, table, lines, mode="append", **options):
    """Only what is written now; `table.rows` is what the table then must hold."""
    kinds = ", ".join(
        f"{name} {SPARK_TYPES.get(kind.rstrip('?'), kind.rstrip('?'))}" for name, kind in table.columns)
    part = Table(table.name, [" ".join(column) for column in table.columns])
    part.rows = lines
    frame = spark.spark.createDataFrame(python_rows(part), kinds)
    writer = frame.coalesce(1).write.format("delta").mode(mode).options(**options)
    if table.partition:
        writer = writer.partitionBy(*table.partition.split())
    writer.save(table.path)
    table.rows = table.rows + lines if mode == "append" else list(lines)


def spark_tables(spark):
    types = Table("spark_types", ["id int64"] + [f"c{i} {kind}" for i, kind in enumerate(FOREIGN)])
    lines = cell_lines(FOREIGN.values(), 40)
    spark.spark.conf.set("spark.databricks.delta.properties.defaults.checkpointInterval", "3")
    for i in range(0, 40, 8):
        spark_write(spark, types, lines[i:i + 8])
    tables = [types]
    for name, kinds in FOREIGN_GROUPS.items():
        table = partition_table(f"spark_part_{name}", kinds)
        spark_write(spark, table, partition_lines([directory_values(kind) for kind in kinds], 12))
        tables.append(table)
    changed = Table("spark_changed", ["id int64", "name string?"])
    for i in range(4):
        spark_write(spark, changed, [f"{i}|a", f"{i + 10}|b"])
    spark.spark.sql(f"DELETE FROM delta.`{changed.path}` WHERE id = 11")
    spark.spark.sql(f"UPDATE delta.`{changed.path}` SET name = 'c' WHERE id < 2")
    spark.spark.sql(f"OPTIMIZE delta.`{changed.path}`")
    changed.rows = ["0|c", "1|c", "2|a", "3|a", "10|b", "12|b", "13|b"]
    return tables + [changed]


def judge_spark_and_flow(spark):
    """Both write one table, one after the other."""
    table = Table("both", ["id int64", "name string?", "p string?"], partition="p")
    spark_write(spark, table, ["1|a|x", "2|b|a b%"])
    table.append(["3|c|x", "4|-|-"])
    spark_write(spark, table, ["5|e|x"])
    for engine in (Flow(), spark):
        same_rows(engine.rows(table), table.wanted(), f"{engine.name} reads what both wrote")
    table.key, table.orders, table.has_delete = "id", "seq int64", True
    table.merge(
        ["1|z|y|5|false", "2|-|a b%|5|true", "6|f|x|5|false"],
        ["1|z|y", "3|c|x", "4|-|-", "5|e|x", "6|f|x"])
    for engine in (Flow(), spark):
        same_rows(engine.rows(table), table.wanted(), f"{engine.name} reads Flow's merge into Spark's table")
    spark.spark.sql(f"DELETE FROM delta.`{table.path}` WHERE id = 3")
    table.merge(["2|old|x|4|false", "5|new|x|1|false"], ["1|z|y", "4|-|-", "5|new|x", "6|f|x"])
    for engine in (Flow(), spark):
        same_rows(engine.rows(table), table.wanted(), f"{engine.name} reads a merge after Spark's delete")


def judge_spark_housekeeping(spark):
    """What Flow remembers of deleted keys outlives Spark's vacuum and Spark's checkpoints."""
    table = Table("kept", ["id int64", "name string?"], key="id", orders="seq int64", has_delete=True)
    table.merge(["1|a|1|false", "2|b|1|false"], ["1|a", "2|b"])
    table.merge(["1|-|5|true"], ["2|b"])
    spark.spark.conf.set("spark.databricks.delta.retentionDurationCheck.enabled", "false")
    spark.spark.sql(f"ALTER TABLE delta.`{table.path}` SET TBLPROPERTIES ('delta.checkpointInterval' = '1')")
    spark.spark.sql(f"UPDATE delta.`{table.path}` SET name = 'c' WHERE id = 2")
    spark.spark.sql(f"VACUUM delta.`{table.path}` RETAIN 0 HOURS")
    table.merge(["1|old|4|false", "3|d|1|false"], ["2|c", "3|d"])
    for engine in (Flow(), spark):
        same_rows(engine.rows(table), table.wanted(), f"{engine.name} reads a table that Spark has kept house in")


def judge_refusals(spark):
    """What Flow does not know is refused by its name."""
    vectors = "'delta.enableDeletionVectors' = 'true'"
    cases = [
        ("mapped", "a INT", "'delta.columnMapping.mode' = 'name'", None, "maps column names"),
        ("ntz", "a TIMESTAMP_NTZ", "'x' = 'y'", None, "column a is of type timestamp_ntz"),
        ("vectors", "a INT", vectors, None, None),
        ("deleted", "a INT", vectors, "DELETE FROM {} WHERE a = 1", "deletion vector"),
    ]
    for name, columns, properties, statement, why in cases:
        path = f"delta.`{os.path.join(root, name)}`"
        spark.spark.sql(f"CREATE TABLE {path} ({columns}) USING delta TBLPROPERTIES ({properties})")
        if columns == "a INT":
            spark.spark.sql(f"INSERT INTO {path} SELECT /*+ COALESCE(1) */ id FROM range(3)")
        if statement:
            spark.spark.sql(statement.format(path))
        done = subprocess.run([tool, "read", root, name], capture_output=True)
        told = done.stderr.decode()
        if why is None:
            check(done.returncode == 0, f"flow reads {name}: {told}")
        else:
            check(done.returncode == 6 and why in told, f"flow refuses {name}: {done.returncode} {told}")


ARROW_TYPES = {
    "bool": "bool_", "int8": "int8", "int16": "int16", "int32": "int32", "int64": "int64",
    "float32": "float32", "float64": "float64", "string": "string", "bytes": "binary", "date": "date32",
}


def arrow_table(table, lines):
    import pyarrow

    def arrow_type(kind):
        kind = kind.rstrip("?")
        if kind == "timestamp":
            return pyarrow.timestamp("us", tz="UTC")
        if kind.startswith("decimal"):
            return pyarrow.decimal128(*[int(n) for n in kind[8:-1].split(",")])
        return getattr(pyarrow, ARROW_TYPES[kind])()

    part = Table(table.name, [" ".join(column) for column in table.columns])
    part.rows = lines
    columns = list(zip(*python_rows(part)))
    arrays = [pyarrow.array(c, arrow_type(kind)) for c, (_, kind) in zip(columns, table.columns)]
    return pyarrow.table(arrays, names=[name for name, _ in table.columns])


def deltars_write(engine, table, lines, mode="append"):
    engine.deltalake.write_deltalake(
        table.path, arrow_table(table, lines), mode=mode,
        partition_by=table.partition.split() or None)
    table.rows = table.rows + lines if mode == "append" else list(lines)


def deltars_tables(engine):
    types = Table("rs_types", ["id int64"] + [f"c{i} {kind}" for i, kind in enumerate(FOREIGN)])
    lines = cell_lines(FOREIGN.values(), 40)
    for i in range(0, 40, 10):
        deltars_write(engine, types, lines[i:i + 10])
    engine.deltalake.DeltaTable(types.path).create_checkpoint()
    deltars_write(engine, types, ["99" + "|-" * len(FOREIGN)])
    tables = [types]
    for name, kinds in FOREIGN_GROUPS.items():
        table = partition_table(f"rs_part_{name}", kinds)
        deltars_write(engine, table, partition_lines([directory_values(kind) for kind in kinds], 12))
        tables.append(table)
    changed = Table("rs_changed", ["id int64", "name string?"])
    deltars_write(engine, changed, [f"{i}|a" for i in range(10)])
    engine.deltalake.DeltaTable(changed.path).delete("id >= 5")
    engine.deltalake.DeltaTable(changed.path).update(updates={"name": "'b'"}, predicate="id = 1")
    changed.rows = ["0|a", "1|b", "2|a", "3|a", "4|a"]
    return tables + [changed]


# --- all -------------------------------------------------------------------------------------------------
def judge(names):
    flow = Flow()
    tables = flow_tables()
    judge_reading(flow, tables)
    if "delta-rs" in names:
        deltars = DeltaRs()
        judge_reading(deltars, tables)
        judge_reading(flow, deltars_tables(deltars))
    if "chdb" in names:
        judge_reading(Chdb(), tables)
    if "spark" in names:
        spark = Spark()
        judge_reading(spark, tables)
        judge_spark_details(spark, tables)
        judge_reading(flow, spark_tables(spark))
        judge_spark_and_flow(spark)
        judge_spark_housekeeping(spark)
        judge_refusals(spark)


def main():
    global tool, root
    tool = os.path.abspath(sys.argv[1])
    names = sys.argv[2:] or ["delta-rs", "chdb", "spark"]
    with tempfile.TemporaryDirectory() as directory:
        root = directory
        judge(names)
    print(f"delta judge: {', '.join(names)}: {check_count} comparisons, {len(failures)} failures", flush=True)
    # Not sys.exit: engines with threads of their own take their time to end.
    os._exit(1 if failures else 0)


main()
