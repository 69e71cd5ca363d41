"""Makes the files in data/: one with columns that the contract lacks, one without."""
import datetime
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

DATA = pathlib.Path(__file__).parent / "data"
DATA.mkdir(exist_ok=True)
ids = pa.array([1, 2, 3], pa.int64())
pq.write_table(pa.table({
    "ID": ids, "city": ["Zürich", None, "Bern"], "since": pa.array([datetime.date(2026, 1, day) for day in (1, 2, 3)]),
    "tags": pa.array([["a", None], [], None], pa.list_(pa.string())), "price": pa.array([1.5, 2.5, None])}),
    DATA / "a_more.parquet")
pq.write_table(pa.table({"id": ids, "price": pa.array([4.0, 5.0, 6.0])}), DATA / "b_exact.parquet")
