WITH s AS (
  SELECT * REPLACE (coalesce(color, '') AS color), wish IN ('small', 'medium', 'large') AS is_size
  FROM read_csv('shirts.csv', header = true, columns = {id: 'INTEGER', size: 'VARCHAR', wish: 'VARCHAR', other: 'VARCHAR', color: 'VARCHAR'})
), f AS (SELECT size, other, color, min(id) AS id FROM s GROUP BY ALL),
c AS (SELECT size, other, list(color ORDER BY id) AS colors FROM f GROUP BY ALL)
SELECT s.size, s.other, count(*) AS n, min(color) AS least, max(s.size) AS most, any_value(colors) AS colors, count(DISTINCT wish) AS wishes
FROM s JOIN c ON s.size = c.size AND s.other IS NOT DISTINCT FROM c.other GROUP BY s.size, s.other
