"""Judges the Parquet room by other people's readers and writers, value by value.

    parquet_judge.py PARQUET_TOOL

What parquet_tool writes is read by pyarrow, DuckDB and Polars; what those write, in every codec and
encoding they know, is read by parquet_tool. Prints a line for each comparison that failed and ends
with 1 if there was any.
"""

import base64
import datetime
import decimal
import json
import os
import struct
import subprocess
import sys
import tempfile

import duckdb
import polars
import pyarrow
import pyarrow.parquet

TYPES = {
    "flag": "bool", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
    "f32": "float32", "f64": "float64", "d9": "decimal(9,2)", "d18": "decimal(18,4)",
    "d19": "decimal(19,0)", "d27": "decimal(27,9)", "d38": "decimal(38,10)", "text": "string",
    "raw": "bytes", "day": "date", "at": "timestamp", "span": "duration", "level": "enum",
    "rising": "int64", "unique": "string", "constant": "string", "required": "int32",
    "extreme": "decimal(38,0)", "clock": "timestamp",
}
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
DAMAGES = int(os.environ.get("PARQUET_DAMAGES", "40"))
decimal.getcontext().prec = 60

tool = ""
failures = []


def check(is_right, what):
    if not is_right:
        failures.append(what)
        print("FAIL", what)


# --- one form of value for all ---------------------------------------------------------------------
def micros(text):
    moment = datetime.datetime.fromisoformat(text)
    return (moment - EPOCH) // datetime.timedelta(microseconds=1)


def float_bits(value, kind):
    return struct.pack("<f" if kind == "float32" else "<d", value)


def from_json(value, kind):
    if value is None:
        return None
    if kind.startswith("float"):
        return float_bits(float(value), kind)
    if kind.startswith("decimal"):
        return decimal.Decimal(value)
    if kind == "timestamp":
        return micros(value)
    if kind == "date":
        return datetime.date.fromisoformat(value)
    if kind == "bytes":
        return base64.b64decode(value)
    return value


def from_python(value, kind):
    if value is None:
        return None
    if kind.startswith("float"):
        return float_bits(value, kind)
    if kind == "timestamp":
        moment = value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)
        return (moment - EPOCH) // datetime.timedelta(microseconds=1)
    if kind == "bytes":
        return bytes(value)
    return value


def run_tool(*arguments):
    done = subprocess.run([tool, *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def rows_of(text, types):
    rows = []
    for line in text.splitlines():
        row = json.loads(line, parse_float=str, parse_int=lambda digits: digits)
        for name, kind in types.items():
            if kind.startswith("int") or kind == "duration":
                row[name] = None if row[name] is None else int(row[name])
        rows.append({name: from_json(row[name], kind) for name, kind in types.items()})
    return rows


def ours(path, types):
    status, out, err = run_tool("read", path, *(f"{name}:{kind}" for name, kind in types.items()))
    if status != 0:
        return err.strip() or f"status {status}"
    return rows_of(out, types)


def compare(found, wanted, what):
    if isinstance(found, str):
        check(False, f"{what}: {found}")
        return
    check(len(found) == len(wanted), f"{what}: {len(found)} rows instead of {len(wanted)}")
    for number, (row, want) in enumerate(zip(found, wanted)):
        for name in want:
            if row[name] != want[name]:
                check(False, f"{what}: row {number}, {name}: {row[name]!r} instead of {want[name]!r}")
                return


# --- others read what we wrote -----------------------------------------------------------------------
def by_pyarrow(path, types):
    file = pyarrow.parquet.ParquetFile(path, page_checksum_verification=True)
    table = file.read()
    rows = table.to_pylist()
    return [{name: from_python(row[name], kind) for name, kind in types.items()} for row in rows]


def by_duckdb(path, types):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    names = list(types)
    columns = ", ".join(
        f'epoch_us("{name}")' if types[name] == "timestamp" else f'"{name}"' for name in names)
    result = connection.execute(f"select {columns} from read_parquet('{path}')").fetchall()
    return [
        {
            name: value if types[name] == "timestamp" else from_python(value, types[name])
            for name, value in zip(names, row)
        }
        for row in result
    ]


def by_polars(path, types):
    rows = polars.read_parquet(path).to_dicts()
    return [{name: from_python(row[name], kind) for name, kind in types.items()} for row in rows]


def check_statistics(path, wanted):
    """Every chunk's bounds hold for its rows, and every reader may rely on them."""
    file = pyarrow.parquet.ParquetFile(path)
    first = 0
    for group in range(file.metadata.num_row_groups):
        meta = file.metadata.row_group(group)
        rows = wanted[first:first + meta.num_rows]
        first += meta.num_rows
        for index, name in enumerate(TYPES):
            chunk = meta.column(index)
            values = [row[name] for row in rows if row[name] is not None]
            statistics = chunk.statistics
            check(statistics.null_count == len(rows) - len(values), f"{path} {name}: null count")
            check(chunk.has_offset_index, f"{path} {name}: no offset index")
            if not values or TYPES[name].startswith("float"):
                continue
            check(statistics.has_min_max, f"{path} {name}: no bounds")
            low = from_python(statistics.min, TYPES[name])
            high = from_python(statistics.max, TYPES[name])
            if TYPES[name] in ("string", "enum"):
                values = [value.encode() for value in values]
                low, high = low.encode(), high.encode()
            check(low <= min(values) and max(values) <= high, f"{path} {name}: bounds")


def check_filters(path, wanted):
    """Readers that skip pages and chunks by our statistics lose no row."""
    connection = duckdb.connect()
    for name, low, high in (("rising", 5000, 5100), ("i8", -3, 3), ("required", -100000, 5000000)):
        expected = sum(1 for row in wanted if row[name] is not None and low <= row[name] <= high)
        query = f"select count(*) from read_parquet('{path}') where {name} between {low} and {high}"
        check(connection.execute(query).fetchone()[0] == expected, f"duckdb filter on {name}")
        found = polars.scan_parquet(path).filter(polars.col(name).is_between(low, high)).collect()
        check(found.height == expected, f"polars filter on {name}")


def judge_writing(folder):
    shapes = [(0, "none", 0), (1, "none", 0), (1, "all", 0), (3000, "some", 1000), (5000, "none", 0),
              (777, "all", 100), (25000, "some", 0)]
    for rows, nulls, group_rows in shapes:
        path = os.path.join(folder, f"ours-{rows}-{nulls}-{group_rows}.parquet")
        status, out, err = run_tool("write", path, rows, nulls, group_rows)
        check(status == 0, f"write {path}: {err}")
        wanted = rows_of(out, TYPES)
        for name, reader in (("pyarrow", by_pyarrow), ("duckdb", by_duckdb), ("polars", by_polars)):
            compare(reader(path, TYPES), wanted, f"{name} reads {os.path.basename(path)}")
        compare(ours(path, TYPES), wanted, f"flow reads {os.path.basename(path)}")
        check_statistics(path, wanted)
        if rows > 10000:
            check_filters(path, wanted)


# --- we read what others wrote -----------------------------------------------------------------------
def sample(count):
    """Columns of all types with values that are hard for some encoding."""
    def every(make, step=9):
        return [None if i % step == 4 else make(i) for i in range(count)]

    def digits(i, precision):
        return int.from_bytes(struct.pack("<qq", i * 0x1E3779B97F4A7C15 % 2**62, i * 77), "little") % 10**precision

    pa = pyarrow
    moment = 1700000000_000000
    return pa.table({
        "flag": pa.array(every(lambda i: i % 3 == 0), pa.bool_()),
        "i8": pa.array(every(lambda i: i % 256 - 128), pa.int8()),
        "i16": pa.array(every(lambda i: i * 37 % 65536 - 32768), pa.int16()),
        "i32": pa.array(every(lambda i: (i * 2654435761) % 2**32 - 2**31), pa.int32()),
        "i64": pa.array(every(lambda i: (-1)**i * (i * 0x1E3779B97F4A7C15 % 2**63)), pa.int64()),
        "f32": pa.array(every(lambda i: i / 8 - 50), pa.float32()),
        "f64": pa.array(every(lambda i: [0.0, -0.0, 1e300, i / 3][i % 4]), pa.float64()),
        "d9": pa.array(every(lambda i: decimal.Decimal(digits(i, 9) * (-1)**i).scaleb(-2)), pa.decimal128(9, 2)),
        "d18": pa.array(every(lambda i: decimal.Decimal(digits(i, 18) * (-1)**i).scaleb(-4)), pa.decimal128(18, 4)),
        "d38": pa.array(every(lambda i: decimal.Decimal(digits(i, 38) * (-1)**i).scaleb(-10)), pa.decimal128(38, 10)),
        "text": pa.array(every(lambda i: ["", "Zürich", f"prefix shared by all {i}", "x" * (i % 70)][i % 4]), pa.string()),
        "raw": pa.array(every(lambda i: bytes([i % 256] * (i % 17))), pa.binary()),
        "day": pa.array(every(lambda i: datetime.date(1960, 1, 1) + datetime.timedelta(days=i)), pa.date32()),
        "at": pa.array(every(lambda i: moment + i * 1000003), pa.timestamp("us", tz="UTC")),
        "span": pa.array(every(lambda i: i * 1000000), pa.int64()),
        "level": pa.array(every(lambda i: ["low", "medium", "high"][i % 3]), pa.string()),
        "solid": pa.array(list(range(count)), pa.int32()),
    })


def wanted_of(table, types):
    return [{name: from_python(row[name], kind) for name, kind in types.items()} for row in table.to_pylist()]


def types_of(table):
    return {name: TYPES.get(name, "int32") for name in table.column_names}


ENCODINGS = {
    "delta": ({"i32": "DELTA_BINARY_PACKED", "i64": "DELTA_BINARY_PACKED", "i8": "DELTA_BINARY_PACKED",
               "at": "DELTA_BINARY_PACKED", "day": "DELTA_BINARY_PACKED", "text": "DELTA_BYTE_ARRAY",
               "raw": "DELTA_LENGTH_BYTE_ARRAY", "level": "DELTA_LENGTH_BYTE_ARRAY",
               "d38": "DELTA_BYTE_ARRAY", "flag": "RLE"}),
    "split": ({"f32": "BYTE_STREAM_SPLIT", "f64": "BYTE_STREAM_SPLIT", "i32": "BYTE_STREAM_SPLIT",
               "i64": "BYTE_STREAM_SPLIT", "d38": "BYTE_STREAM_SPLIT"}),
}


def judge_pyarrow(folder):
    table = sample(2500)
    types = types_of(table)
    wanted = wanted_of(table, types)
    path = os.path.join(folder, "pyarrow.parquet")
    for codec in ("NONE", "SNAPPY", "GZIP", "ZSTD", "LZ4", "BROTLI"):
        for version in ("1.0", "2.0"):
            for encoding in ("dictionary", "plain", "delta", "split"):
                options = {"compression": codec, "data_page_version": version, "row_group_size": 1000,
                           "data_page_size": 4096, "use_dictionary": encoding == "dictionary",
                           "write_page_checksum": True, "store_decimal_as_integer": encoding == "plain"}
                if encoding in ENCODINGS:
                    options["column_encoding"] = ENCODINGS[encoding]
                pyarrow.parquet.write_table(table, path, **options)
                compare(ours(path, types), wanted, f"flow reads pyarrow {codec} v{version} {encoding}")


def judge_conversions(folder):
    path = os.path.join(folder, "conversions.parquet")
    pa = pyarrow
    moments = [None, -62135596800_000000, -1, 0, 1, 1700000000_123456, 253402300799_999999]
    times = pa.array(moments, pa.timestamp("us", tz="UTC"))
    small = pa.array([None, -1, 0, 1, 1700000000_123456], pa.timestamp("us", tz="UTC"))
    millis = [None if m is None else m // 1000 * 1000 for m in moments]
    cases = [
        ("int96", {"at": small}, {"use_deprecated_int96_timestamps": True}, [None, -1, 0, 1, 1700000000_123456]),
        ("nanos", {"at": small.cast(pa.timestamp("ns", tz="UTC"))}, {}, [None, -1, 0, 1, 1700000000_123456]),
        ("millis", {"at": pa.array(millis, pa.timestamp("us", tz="UTC")).cast(pa.timestamp("ms", tz="UTC"))}, {}, millis),
        ("no zone", {"at": times.cast(pa.timestamp("us"))}, {}, moments),
        ("narrow", {"i64": pa.array([None, -128, 127], pa.int8())}, {}, [None, -128, 127]),
        ("unsigned", {"i64": pa.array([None, 2**32 - 1], pa.uint32())}, {}, [None, 2**32 - 1]),
        ("wide in range", {"i16": pa.array([None, -5], pa.int64())}, {}, [None, -5]),
        ("float to double", {"f64": pa.array([None, 1.5], pa.float32())}, {}, [None, struct.pack("<d", 1.5)]),
        ("half", {"f32": pa.array([None, 1.5, -0.000061035156, 65504.0], pa.float32()).cast(pa.float16())}, {},
         [None, struct.pack("<f", 1.5), struct.pack("<f", -0.00006103515625), struct.pack("<f", 65504.0)]),
        ("decimal widened", {"d38": pa.array([None, decimal.Decimal("-1.25")], pa.decimal128(5, 2))}, {},
         [None, decimal.Decimal("-1.25")]),
        ("decimal of 256 bits", {"d38": pa.array([None, decimal.Decimal("-1.25")], pa.decimal256(60, 2))}, {},
         [None, decimal.Decimal("-1.25")]),
        ("large string", {"text": pa.array([None, "long " * 50], pa.large_string())}, {}, [None, "long " * 50]),
        ("dictionary type", {"level": pa.array(["low", None, "low"]).dictionary_encode()}, {}, ["low", None, "low"]),
    ]
    for what, columns, options, wanted in cases:
        pyarrow.parquet.write_table(pa.table(columns), path, **options)
        (name,) = columns
        compare(ours(path, {name: TYPES[name]}), [{name: value} for value in wanted], f"conversion {what}")


def judge_refusals(folder):
    path = os.path.join(folder, "refused.parquet")
    pa = pyarrow
    cases = [
        ("out of range", {"i8": pa.array([300], pa.int64())}, {}),
        ("unsigned out of range", {"i64": pa.array([2**64 - 1], pa.uint64())}, {}),
        ("not UTF-8", {"text": pa.array([b"\xff\xfe"], pa.binary())}, {}),
        ("no value of the enum", {"level": pa.array(["unheard of"])}, {}),
        ("another type", {"i64": pa.array(["1"])}, {}),
        ("nested", {"i64": pa.array([[1, 2]])}, {}),
        ("too many digits", {"d9": pa.array([decimal.Decimal("99999999999.99")], pa.decimal128(20, 2))}, {}),
    ]
    for what, columns, options in cases:
        pyarrow.parquet.write_table(pa.table(columns), path, **options)
        (name,) = columns
        status, _, err = run_tool("read", path, f"{name}:{TYPES[name]}")
        check(status == 6 and err.strip() != "", f"refusal {what}: status {status}, {err!r}")
    status, out, _ = run_tool("read", path, "absent:string")
    check(status == 0 and json.loads(out.splitlines()[0]) == {"absent": None}, "a missing column is null")


def judge_damage(folder):
    """Broken files without checksums, so that the damage reaches the decoders."""
    table = sample(300)
    types = types_of(table)
    path = os.path.join(folder, "broken.parquet")
    for codec in ("NONE", "SNAPPY", "LZ4"):
        for version in ("1.0", "2.0"):
            for encoding in ("dictionary", "delta", "split"):
                options = {"compression": codec, "data_page_version": version, "data_page_size": 500,
                           "use_dictionary": encoding == "dictionary"}
                if encoding in ENCODINGS:
                    options["column_encoding"] = ENCODINGS[encoding]
                pyarrow.parquet.write_table(table, path, **options)
                status, out, err = run_tool("fuzz", path, DAMAGES, *(f"{name}:{kind}" for name, kind in types.items()))
                check(status == 0 and int(out) > 0, f"damage {codec} v{version} {encoding}: status {status}, {err}")


def judge_duckdb(folder):
    rows = sample(2500)  # DuckDB sees it by its name
    types = types_of(rows)
    wanted = wanted_of(rows, types)
    path = os.path.join(folder, "duckdb.parquet")
    for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4_raw", "brotli"):
        for version in ("V1", "V2"):
            connection = duckdb.connect()
            connection.execute("set timezone = 'UTC'")
            connection.execute(
                f"copy (from rows) to '{path}' (format parquet, codec '{codec}', row_group_size 2048, parquet_version {version})")
            compare(ours(path, types), wanted, f"flow reads duckdb {codec} {version}")


def judge_polars(folder):
    table = sample(2500)
    types = types_of(table)
    wanted = wanted_of(table, types)
    path = os.path.join(folder, "polars.parquet")
    frame = polars.from_arrow(table)
    for codec in ("uncompressed", "snappy", "gzip", "zstd", "lz4", "brotli"):
        frame.write_parquet(path, compression=codec, row_group_size=1000, data_page_size=4096)
        compare(ours(path, types), wanted, f"flow reads polars {codec}")


# --- trees ---------------------------------------------------------------------------------------------
def plain_lists(value):
    if isinstance(value, dict):
        return {key: plain_lists(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_lists(item) for item in value]
    return value


def judge_trees(folder):
    path = os.path.join(folder, "tree.parquet")
    for rows in (0, 1, 40, 25000):
        run_tool("tree-write", path, rows)
        status, out, err = run_tool("tree-read", path)
        check(status == 0, f"flow reads its own tree: {err}")
        ours_rows = [json.loads(line) for line in out.splitlines()]
        table = pyarrow.parquet.read_table(path)
        theirs = plain_lists(table.to_pylist())
        check(len(ours_rows) == rows and ours_rows == theirs, f"pyarrow reads a tree of {rows} rows")
        count = duckdb.execute(f"select count(*), count(add.path) from read_parquet('{path}')").fetchone()
        check(count == (rows, sum(1 for row in ours_rows if row["add"])), "duckdb reads a tree")
        again = os.path.join(folder, "again.parquet")
        for version in ("1.0", "2.0"):
            pyarrow.parquet.write_table(table, again, data_page_version=version, data_page_size=1000, row_group_size=900,
                                        use_compliant_nested_type=version == "2.0")
            _, out, err = run_tool("tree-read", again)
            check([json.loads(line) for line in out.splitlines()] == theirs, f"flow reads pyarrow's tree v{version}: {err}")


def main():
    global tool
    tool = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        for judge in (judge_writing, judge_pyarrow, judge_conversions, judge_refusals, judge_damage, judge_duckdb,
                      judge_polars, judge_trees):
            judge(folder)
    print("parquet_judge:", f"{len(failures)} failures" if failures else "all agree")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
