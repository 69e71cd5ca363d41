WITH s AS (
  SELECT * REPLACE (coalesce(color, '') AS color), wish IN ('small', 'medium', 'large') AS is_size
  FROM read_csv('shirts.csv', header = true, columns = {id: 'INTEGER', size: 'VARCHAR', wish: 'VARCHAR', other: 'VARCHAR', color: 'VARCHAR'})
)
SELECT id, size < 'medium' AS "before", size = wish AS same, size || '/' || upper(color) AS text, CASE WHEN is_size THEN wish END AS wished, coalesce(other, size) AS chosen, size = 'large' AS is_large,
  size LIKE '%l%' AS starts, length(size) + length(color) AS length, greatest(size, coalesce(other, 'large')) AS greatest, list_sort([size, 'medium', coalesce(other, 'small')]) AS list,
  CASE WHEN size = 'small' THEN 's' ELSE size END AS kind
FROM s
