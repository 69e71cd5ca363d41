WITH d AS (
  FROM read_json('docs.ndjson', columns = {id: 'INTEGER', head: 'STRUCT(no INTEGER, ship STRUCT(city VARCHAR, lines STRUCT(sku VARCHAR, sizes INTEGER[], attrs MAP(VARCHAR, VARCHAR))[]))',
    counts: 'MAP(VARCHAR, STRUCT(n INTEGER, last DATE))'})
), l AS (SELECT head.no AS no, unnest(head.ship.lines) AS line FROM d),
s AS (SELECT no, line, unnest(CASE WHEN len(line.sizes) = 0 THEN [NULL] ELSE line.sizes END) AS s FROM l)
SELECT line.sku AS sku, s > 40 AS big, count(*) AS n, list_sort(coalesce(list(DISTINCT s) FILTER (s IS NOT NULL), [])) AS sizes, count(DISTINCT line.attrs['color']) AS colors, sum(no)::BIGINT AS numbers FROM s GROUP BY ALL
