WITH d AS (
  FROM read_json('docs.ndjson', columns = {id: 'INTEGER', head: 'STRUCT(no INTEGER, ship STRUCT(city VARCHAR, lines STRUCT(sku VARCHAR, sizes INTEGER[], attrs MAP(VARCHAR, VARCHAR))[]))',
    counts: 'MAP(VARCHAR, STRUCT(n INTEGER, last DATE))'})
)
SELECT id, head.no AS no, coalesce(head.ship.city, 'none') AS city, len(head.ship.lines) AS n, head.ship.lines[1].sku AS first_sku, head.ship.lines[3].sku AS third, head.ship.lines[1].sizes[2] AS second_size,
  head.ship.lines[1].attrs['color'] AS color, counts['a'].n AS n_of_a, counts['a'].last AS last_of_a, NULL AS below
FROM d
