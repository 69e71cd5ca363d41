SELECT id, tags, grid, address, CASE WHEN prices IS NOT NULL THEN map_entries(prices) END AS prices, lines FROM (
  SELECT id, tags, grid, address, prices, lines FROM read_parquet(['data/a_arrow.parquet', 'data/b_duckdb.parquet'])
  UNION ALL SELECT id, tags, grid, address, NULL, lines FROM read_parquet('data/c_polars.parquet'))
WHERE id < 150
