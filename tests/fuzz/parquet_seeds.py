#!/usr/bin/env python3
"""Small Parquet files of every codec, encoding and page version that pyarrow writes, to start from: parquet_seeds.py DIR"""
import datetime
import decimal
import pathlib
import sys

import pyarrow as pa
import pyarrow.parquet

ROWS = 40
ENCODINGS = {
    "integer": ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
    "large": ("PLAIN", "DELTA_BINARY_PACKED", "BYTE_STREAM_SPLIT"),
    "real": ("PLAIN", "BYTE_STREAM_SPLIT", "PLAIN"),
    "text": ("PLAIN", "DELTA_LENGTH_BYTE_ARRAY", "DELTA_BYTE_ARRAY"),
    "flag": ("PLAIN", "RLE", "RLE"),
}


def table():
    some = [i if i % 7 else None for i in range(ROWS)]

    def column(make, kind):
        return pa.array([None if i is None else make(i) for i in some], kind)

    zone = datetime.timezone.utc
    pairs = [("k", [1, None]), ("l", None)]
    return pa.table({
        "id": pa.array(range(ROWS), pa.int64()),
        "flag": column(lambda i: i % 3 == 0, pa.bool_()),
        "small": column(lambda i: i - 20, pa.int8()),
        "integer": column(lambda i: i * i, pa.int32()),
        "large": column(lambda i: i * 10**12, pa.int64()),
        "single": column(lambda i: i / 8, pa.float32()),
        "real": column(lambda i: i / 3, pa.float64()),
        "text": column(lambda i: "word " * (i % 4), pa.string()),
        "raw": column(lambda i: bytes([i]) * i, pa.binary()),
        "day": column(lambda i: datetime.date(2026, 1, 1 + i % 28), pa.date32()),
        "at": column(lambda i: datetime.datetime(2026, 1, 1, 0, 0, i, tzinfo=zone), pa.timestamp("us", "UTC")),
        "money": column(lambda i: decimal.Decimal(i) / 4, pa.decimal128(12, 2)),
        "wide": column(lambda i: decimal.Decimal(i) * 10**20, pa.decimal128(38, 10)),
        "list": column(lambda i: [i, None, -i][: i % 4], pa.list_(pa.int64())),
        "map": column(lambda i: pairs[: i % 3], pa.map_(pa.string(), pa.list_(pa.int64()))),
        "struct": column(lambda i: {"a": str(i), "b": pairs[: i % 3]},
                         pa.struct([("a", pa.string()), ("b", pa.map_(pa.string(), pa.list_(pa.int64())))])),
    })


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    whole = table()
    for codec in ("none", "snappy", "gzip", "zstd", "lz4", "brotli"):
        for number, version in enumerate(("1.0", "2.0")):
            pa.parquet.write_table(whole, folder / f"{codec}-{number}.parquet", compression=codec,
                                   data_page_version=version, row_group_size=25, data_page_size=200)
    for number in range(3):
        pa.parquet.write_table(whole, folder / f"encoding-{number}.parquet", use_dictionary=False, compression="none",
                               column_encoding={name: kinds[number] for name, kinds in ENCODINGS.items()},
                               store_decimal_as_integer=number == 1, write_page_index=number == 2,
                               use_deprecated_int96_timestamps=number == 2)


if __name__ == "__main__":
    main()
