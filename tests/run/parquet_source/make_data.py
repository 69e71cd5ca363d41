"""Makes the files in data/: what pyarrow, DuckDB and Polars write, and what does not fit or is damaged."""
import datetime
import decimal
import pathlib

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

DATA = pathlib.Path(__file__).parent / "data"
UTC = datetime.timezone.utc
D = decimal.Decimal


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
            "wide": None if i % 6 == 0 else D(i) * D("1234567890123456789.0123456789"),
            "extra": "not in the contract",
        }


def arrow_table(values, **types):
    kinds = {
        "id": pa.int32(), "amount": pa.decimal128(12, 2), "price": pa.float64(), "status": pa.string(),
        "note": pa.string(), "ts": pa.timestamp("us", "UTC"), "day": pa.date32(), "flag": pa.bool_(),
        "blob": pa.binary(), "wide": pa.decimal128(38, 10), "extra": pa.string()}
    kinds.update(types)
    kinds = {name: kind for name, kind in kinds.items() if kind is not None}
    values = list(values)
    return pa.table({name: pa.array([row[name] for row in values], kind) for name, kind in kinds.items()})


def main():
    DATA.mkdir(exist_ok=True)
    decimal.getcontext().prec = 60
    pq.write_table(arrow_table(rows(0, 100), id=pa.int64(), status=pa.dictionary(pa.int8(), pa.string())),
                   DATA / "a_arrow.parquet", compression="zstd", row_group_size=40, data_page_version="2.0")
    fitting = arrow_table(rows(100, 100), extra=None)  # noqa: F841, DuckDB finds it by name
    duckdb.sql(f"copy (select * from fitting) to '{DATA / 'b_duckdb.parquet'}' (format parquet, parquet_version v2)")
    polars.from_arrow(arrow_table(rows(200, 100), ts=pa.timestamp("ms", "UTC"))).write_parquet(
        DATA / "c_polars.parquet", compression="lz4")
    wrong = list(rows(300, 8))
    wrong[1]["id"] = 3_000_000_000
    wrong[2]["status"] = "lost"
    wrong[3]["status"] = None
    wrong[4]["amount"] = D("-1.00")
    table = arrow_table(wrong, id=pa.int64(), note=pa.binary())
    notes = [b"\xff\xfe" if i == 5 else b"good" for i in range(8)]
    note = pa.Array.from_buffers(pa.string(), 8, pa.array(notes, pa.binary()).buffers())
    table = table.set_column(table.schema.get_field_index("note"), "note", note)
    pq.write_table(table, DATA / "d_wrong.parquet", compression="none", use_dictionary=["status"])
    pq.write_table(arrow_table(rows(400, 3), amount=None), DATA / "e_no_amount.parquet")
    texts = [{**row, "amount": str(row["amount"])} for row in rows(450, 3)]
    pq.write_table(arrow_table(texts, amount=pa.string()), DATA / "f_text_amount.parquet")
    pq.write_table(arrow_table(rows(500, 40)), DATA / "g_damaged.parquet", compression="none",
                   row_group_size=20, use_dictionary=False, write_page_checksum=True)
    meta = pq.ParquetFile(DATA / "g_damaged.parquet").metadata
    offset = meta.row_group(1).column(4).data_page_offset
    data = bytearray((DATA / "g_damaged.parquet").read_bytes())
    data[offset + 300] ^= 0xFF
    (DATA / "g_damaged.parquet").write_bytes(data)
    (DATA / "h_no_table.parquet").write_bytes(b"this is not a Parquet file at all")


main()
