WITH s AS (
  SELECT * REPLACE (coalesce(color, '') AS color), wish IN ('small', 'medium', 'large') AS is_size
  FROM read_csv('shirts.csv', header = true, columns = {id: 'INTEGER', size: 'VARCHAR', wish: 'VARCHAR', other: 'VARCHAR', color: 'VARCHAR'})
)
SELECT 'strict' AS flow, 'X006' AS code FROM s WHERE NOT is_size
