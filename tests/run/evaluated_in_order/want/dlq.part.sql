WITH r AS (FROM read_csv('rows.csv', header = true, columns = {id: 'INTEGER', a: 'INTEGER', b: 'INTEGER', k: 'INTEGER'})),
n AS (FROM read_csv('names.csv', header = true, columns = {k: 'INTEGER', name: 'VARCHAR'})),
j AS (SELECT r.*, name FROM r LEFT JOIN n ON r.k = n.k)
SELECT flow FROM (
  SELECT 'late_filter' AS flow FROM r WHERE b = 0
  UNION ALL SELECT 'filter_behind_join' FROM j WHERE b = 0
  UNION ALL SELECT 'late_ones' FROM r WHERE id > 40 AND a = 0
)
