SELECT id, amount, price, status, note, ts, day, flag, blob, wide, file_row_number AS place, 'data/' || filename.split('/')[-1] AS origin
FROM (
  SELECT id, amount, price, status::VARCHAR AS status, note, ts, day, flag, blob, wide, file_row_number, filename FROM read_parquet(['data/a_arrow.parquet', 'data/b_duckdb.parquet'], file_row_number = true, filename = true)
  UNION ALL SELECT id, amount, price, status, note, ts, day, flag, blob, wide, file_row_number, filename FROM read_parquet('data/c_polars.parquet', file_row_number = true, filename = true)
  UNION ALL SELECT id, amount, price, status, 'good', ts, day, flag, blob, wide, file_row_number, filename FROM read_parquet('data/d_wrong.parquet', file_row_number = true, filename = true) WHERE file_row_number IN (0, 6, 7)
  UNION ALL SELECT id, amount, price, status, note, ts, day, flag, blob, wide, file_row_number, filename FROM read_parquet('data/g_damaged.parquet', file_row_number = true, filename = true) WHERE file_row_number < 20
)
