#!/usr/bin/env python3
"""Small Avro files of every codec and type that fastavro writes, to start from: avro_seeds.py DIR"""
import datetime
import decimal
import pathlib
import sys

import fastavro
import fastavro._write  # where its codecs are: those that need further packages come from pyarrow
import pyarrow as pa
import zlib

ROWS = 24
LIST = {"type": "array", "items": ["null", "long"]}
MAP = {"type": "map", "values": ["null", LIST]}
FIELDS = {
    "id": "long",
    "flag": ["null", "boolean"],
    "small": ["null", "int"],
    "large": ["long", "null"],
    "single": ["null", "float"],
    "real": ["null", "double", "int"],
    "text": ["null", "string"],
    "raw": ["null", {"type": "fixed", "name": "Raw", "size": 5}, "bytes"],
    "day": ["null", {"type": "int", "logicalType": "date"}],
    "at": ["null", {"type": "long", "logicalType": "timestamp-millis"}],
    "money": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}],
    "wide": ["null", {"type": "fixed", "name": "Wide", "size": 16, "logicalType": "decimal", "precision": 38, "scale": 10}],
    "kind": ["null", {"type": "enum", "name": "Kind", "symbols": ["word", "other"]}],
    "list": ["null", LIST],
    "map": ["null", MAP],
    "struct": ["null", {"type": "record", "name": "Struct", "fields": [
        {"name": "a", "type": "string"}, {"name": "b", "type": MAP}, {"name": "tree", "type": ["null", "Struct"]}]}],
    "unknown": {"type": "array", "items": "null"},
}


def rows():
    zone = datetime.timezone.utc
    for i in range(ROWS):
        entries = {"k": [1, None], "l": None} if i % 3 else {}
        tree = {"a": "inner", "b": {}, "tree": None}
        row = {
            "flag": i % 3 == 0, "small": i - 20, "large": i * 10**12, "single": i / 8, "real": i if i % 2 else i / 3,
            "text": "word " * (i % 4), "raw": bytes([i]) * 5, "day": datetime.date(2026, 1, 1 + i % 28),
            "at": datetime.datetime(2026, 1, 1, 0, 0, i, tzinfo=zone), "money": decimal.Decimal(i) / 4,
            "wide": decimal.Decimal(i) * 10**20, "kind": ["word", "other"][i % 2], "list": [i, None, -i][: i % 4],
            "map": entries, "struct": {"a": str(i), "b": entries, "tree": tree},
        }
        yield dict({name: None if i % 7 == 0 else value for name, value in row.items()}, id=i, unknown=[None] * (i % 3))


def long_of(number):
    number *= 2
    out = b""
    while number >= 0x80:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def writer_of(name):
    def write(out, block, level):
        packed = pa.Codec(name).compress(block, asbytes=True)
        packed += zlib.crc32(block).to_bytes(4, "big") if name == "snappy" else b""
        out.write(long_of(len(packed)) + packed)
    return write


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    fastavro._write.BLOCK_WRITERS["zstandard"] = writer_of("zstd")
    fastavro._write.BLOCK_WRITERS["snappy"] = writer_of("snappy")
    schema = fastavro.parse_schema({
        "type": "record", "name": "Row", "fields": [{"name": name, "type": kind} for name, kind in FIELDS.items()]})
    for codec in ("null", "deflate", "snappy", "zstandard"):
        with open(folder / f"{codec}.avro", "wb") as out:
            fastavro.writer(out, schema, rows(), codec=codec, sync_interval=700, sync_marker=b"m" * 16)


if __name__ == "__main__":
    main()
