WITH d AS (SELECT row_number() OVER () AS n, * FROM read_json('docs.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', ts: 'TIMESTAMPTZ', who: 'STRUCT(name VARCHAR, town VARCHAR)',
  lines: 'STRUCT(sku VARCHAR, n INTEGER, price DECIMAL(6,2))[]', labels: 'MAP(VARCHAR, VARCHAR)', score: 'INTEGER', flag: 'BOOLEAN'}))
SELECT id, ts, flag AND score > 3 AS both, flag OR score > 3 AS either, NOT (flag OR score > 3) AS neither, CASE WHEN score IS NULL THEN 'none' WHEN score > 4 THEN 'high' ELSE 'low' END AS level,
  score IN (5, 9) AS good, coalesce(score, -1) AS kept, nullif(score, 5) AS gone, greatest(score, 4) AS largest, score + length(who.name) AS sum, who.town IS NOT NULL AND who.town <> 'Ulm' AS is_known FROM d
