"""Makes data/: Avro files as fastavro and Polars write them, of every codec, and what does not fit or is damaged.
Beside them, in truth.ndjson, what they were made of."""
import datetime
import decimal
import json
import pathlib
import uuid

import fastavro
import fastavro._write  # where its codecs are: zstandard by pyarrow, so that no further package is needed
import polars
import pyarrow as pa

HERE = pathlib.Path(__file__).parent
DATA = HERE / "data"
UTC = datetime.timezone.utc
D = decimal.Decimal


def zstandard_block(out, block, level):
    packed = pa.Codec("zstd").compress(block, asbytes=True)
    length = 2 * len(packed)
    while length >= 0x80:
        out.write(bytes([length & 0x7F | 0x80]))
        length >>= 7
    out.write(bytes([length]) + packed)


def rows(first, count):
    for i in range(first, first + count):
        yield {
            "id": i,
            "amount": D(i * 37 % 10007) / 100,
            "price": None if i % 5 == 0 else i / 8,
            "status": ["open", "paid", "refunded"][i % 3],
            "note": None if i % 4 == 0 else f"note number {i} of Zürich",
            "ts": datetime.datetime(2026, 1, 1, tzinfo=UTC) + datetime.timedelta(microseconds=i * 1000003),
            "day": None if i % 7 == 0 else datetime.date(2026, 1, 1) + datetime.timedelta(days=i),
            "flag": [True, False, None][i % 3],
            "blob": None if i % 3 == 0 else bytes([i % 256, 255 - i % 256]),
            "wide": None if i % 6 == 0 else -D(i) * D("1234567890123456789.0123456789"),
            "token": str(uuid.UUID(int=i * 7919)),
            "extra": "not in the contract",
        }


def schema(**types):
    kinds = {
        "id": "int",
        "amount": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
        "price": ["null", "double"],
        "status": {"type": "enum", "name": "Status", "symbols": ["refunded", "open", "paid", "lost"]},
        "note": ["string", "null"],
        "ts": {"type": "long", "logicalType": "timestamp-micros"},
        "day": ["null", {"type": "int", "logicalType": "date"}],
        "flag": ["null", "boolean"],
        "blob": ["null", "bytes"],
        "wide": ["null", {"type": "fixed", "name": "Wide", "size": 17, "logicalType": "decimal", "precision": 38,
                          "scale": 10}],
        "token": {"type": "string", "logicalType": "uuid"},
        "extra": "string",
    }
    kinds.update(types)
    return fastavro.parse_schema({
        "type": "record", "name": "Sale", "namespace": "shop",
        "fields": [{"name": name, "type": kind} for name, kind in kinds.items() if kind is not None]})


def write(name, records, codec="null", **types):
    with open(DATA / name, "wb") as out:
        fastavro.writer(out, schema(**types), records, codec=codec, sync_interval=600, sync_marker=name.encode()[:16].ljust(16))


def wrong_rows():
    wrong = [dict(row, note=row["note"] and row["note"].encode()) for row in rows(300, 9)]
    wrong[1]["id"] = 3_000_000_000
    wrong[2]["status"] = "lost"
    wrong[3]["status"] = None
    wrong[4]["amount"] = D("-1.00")
    wrong[5]["note"] = b"\xff\xfe"
    wrong[6]["price"] = "a lot"
    wrong[7]["wide"] = D("12345678901234567890123456789012345678.5")
    return wrong


def damaged():
    """One block of several is damaged, and the end of the file is missing."""
    whole = (DATA / "a_deflate.avro").read_bytes()
    mark = b"a_deflate.avro  "
    ends = [at for at in range(len(whole)) if whole.startswith(mark, at)]
    broken = bytearray(whole)
    broken[ends[2] + 30] ^= 0xFF
    return bytes(broken[:ends[6] + 20])


def truths():
    truth = [(name, place, row) for name, first in (("a_deflate", 0), ("c_zstandard", 200))
             for place, row in enumerate(rows(first, 100))]
    truth += [("b_polars", place, dict(row, amount=D(row["id"] % 7), wide=None))
              for place, row in enumerate(rows(100, 100))]
    truth += [("d_wrong", place, row) for place, row in enumerate(rows(300, 9)) if place in (0, 8)]
    return truth


def main():
    DATA.mkdir(exist_ok=True)
    decimal.getcontext().prec = 60
    fastavro._write.BLOCK_WRITERS["zstandard"] = zstandard_block
    write("a_deflate.avro", rows(0, 100), "deflate")
    # Polars has neither decimals nor zones to write; whole numbers are decimals too.
    some = [dict(row, amount=row["id"] % 7, ts=row["ts"].replace(tzinfo=None)) for row in rows(100, 100)]
    names = ["id", "amount", "price", "status", "note", "ts", "day", "flag", "blob", "token"]
    polars.DataFrame([{name: row[name] for name in names} for row in some], schema_overrides={"id": polars.Int32}
                     ).write_avro(DATA / "b_polars.avro", compression="snappy", name="row")
    later = [dict(row, note=row["note"] and row["note"].encode(),
                  ts=row["ts"].replace(tzinfo=None)) for row in rows(200, 100)]
    write("c_zstandard.avro", later, "zstandard", id="long", status="string", note=["null", "bytes"], extra=None,
          ts={"type": "long", "logicalType": "local-timestamp-millis"})
    write("d_wrong.avro", wrong_rows(), id="long", note=["null", "bytes"], price=["null", "double", "string"],
          status=["null", {"type": "enum", "name": "Status", "symbols": ["refunded", "open", "paid", "lost"]}],
          wide=["null", {"type": "bytes", "logicalType": "decimal", "precision": 60, "scale": 10}])
    write("e_no_amount.avro", rows(400, 2), amount=None)
    (DATA / "f_damaged.avro").write_bytes(damaged())
    (DATA / "g_no_records.avro").write_bytes(b"this is no Avro file")
    with open(HERE / "truth.ndjson", "w", encoding="utf-8") as out:
        for name, place, row in truths():
            row = {key: value.hex() if isinstance(value, bytes) else value for key, value in row.items()}
            out.write(json.dumps(dict(row, file=name, place=place), default=str, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
