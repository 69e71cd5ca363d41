SELECT id, tags, grid, address, CASE WHEN prices IS NOT NULL THEN map_entries(prices) END AS prices, lines FROM (
  SELECT id, tags, grid, address, prices, lines FROM read_parquet(['data/a_arrow.parquet', 'data/b_duckdb.parquet', 'data/d_v2.parquet'])
  UNION ALL SELECT id, tags, grid, address, NULL, lines FROM read_parquet('data/c_polars.parquet')
  UNION ALL SELECT id, tags, grid, address, prices, lines FROM read_parquet('data/e_wrong.parquet', file_row_number = true) WHERE file_row_number NOT IN (1, 2, 3))
