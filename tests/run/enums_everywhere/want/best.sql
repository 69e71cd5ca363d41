WITH s AS (
  SELECT * REPLACE (coalesce(color, '') AS color), wish IN ('small', 'medium', 'large') AS is_size
  FROM read_csv('shirts.csv', header = true, columns = {id: 'INTEGER', size: 'VARCHAR', wish: 'VARCHAR', other: 'VARCHAR', color: 'VARCHAR'})
)
SELECT color, max(size) AS size FROM s GROUP BY color
