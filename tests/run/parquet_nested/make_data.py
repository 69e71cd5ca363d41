"""Makes the files in data/: nested columns as pyarrow, DuckDB and Polars write them, and rows that do not fit."""
import datetime
import decimal
import pathlib

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq

DATA = pathlib.Path(__file__).parent / "data"
D = decimal.Decimal
SCHEMA = pa.schema([
    ("id", pa.int64()),
    ("tags", pa.list_(pa.string())),
    ("grid", pa.list_(pa.list_(pa.int32()))),
    ("address", pa.struct([("street", pa.string()), ("zip", pa.int32()), ("since", pa.date32())])),
    ("prices", pa.map_(pa.string(), pa.decimal128(10, 2))),
    ("lines", pa.list_(pa.struct([("sku", pa.string()), ("counts", pa.list_(pa.int64()))]))),
])


def rows(first, count):
    for i in range(first, first + count):
        yield {
            "id": i,
            "tags": None if i % 5 == 0 else [None if k % 3 == 2 else f"a rather long tag {i}-{k}" for k in range(i % 4)],
            "grid": [list(range(i, i + k)) for k in range(i % 3)],
            "address": None if i % 4 == 1 else {
                "street": f"Street {i}", "zip": None if i % 3 == 0 else 10000 + i,
                "since": datetime.date(2020, 1, 1) + datetime.timedelta(days=i)},
            "prices": None if i % 6 == 0 else [(f"key {k}", None if k == 1 else D(i * 100 + k) / 100) for k in range(i % 4)],
            "lines": [{"sku": f"sku {i}.{k}", "counts": None if k == 1 else list(range(k))} for k in range(i % 4)],
        }


def main():
    DATA.mkdir(exist_ok=True)
    pq.write_table(pa.Table.from_pylist(list(rows(0, 60)), SCHEMA), DATA / "a_arrow.parquet", row_group_size=25)
    fitting = pa.Table.from_pylist(list(rows(60, 60)), SCHEMA)  # noqa: F841, DuckDB finds it by name
    duckdb.sql(f"copy (select * from fitting) to '{DATA / 'b_duckdb.parquet'}' (format parquet)")
    flat = [{**row, "prices": None} for row in rows(120, 30)]
    polars.from_arrow(pa.Table.from_pylist(flat, SCHEMA).drop(["prices"])).write_parquet(DATA / "c_polars.parquet")
    pq.write_table(pa.Table.from_pylist(list(rows(150, 30)), SCHEMA), DATA / "d_v2.parquet", data_page_version="2.0",
                   use_compliant_nested_type=False, compression="gzip", use_dictionary=False,
                   column_encoding={"lines.list.item.sku": "DELTA_BYTE_ARRAY"})
    wrong = list(rows(180, 6))
    wrong[1]["grid"] = [[1, None]]
    wrong[2]["lines"] = [{"sku": None, "counts": []}]
    wrong[3]["address"] = {"street": None, "zip": 1, "since": None}
    pq.write_table(pa.Table.from_pylist(wrong, SCHEMA), DATA / "e_wrong.parquet")


main()
