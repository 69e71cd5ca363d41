WITH d AS (SELECT row_number() OVER () AS n, * FROM read_json('docs.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', ts: 'TIMESTAMPTZ', who: 'STRUCT(name VARCHAR, town VARCHAR)',
  lines: 'STRUCT(sku VARCHAR, n INTEGER, price DECIMAL(6,2))[]', labels: 'MAP(VARCHAR, VARCHAR)', score: 'INTEGER', flag: 'BOOLEAN'}))
SELECT l.sku AS sku, who.town AS town, count(*) AS lines, sum(l.n)::BIGINT AS sold, sum(l.price * l.n)::DECIMAL(27,2) AS worth,
  coalesce(list(l.price ORDER BY ts, n) FILTER (l.n = 5), []) AS prices FROM (SELECT n, ts, who, unnest(lines) AS l FROM d) GROUP BY ALL
