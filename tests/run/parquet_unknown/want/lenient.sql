SELECT id, price, 'shop' AS kind, price * 2 AS twice FROM (
  SELECT "ID" AS id, price FROM 'data/a_more.parquet' UNION ALL SELECT id, price FROM 'data/b_exact.parquet')
