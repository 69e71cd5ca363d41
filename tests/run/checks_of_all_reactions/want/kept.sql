WITH r AS (FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', value: 'INTEGER', note: 'VARCHAR'})),
s AS (
  SELECT *, CASE WHEN id < 0 OR value <= -100 THEN 'reject' WHEN value >= 100 OR value IS NULL THEN 'drop' ELSE 'keep' END AS what FROM r
)
SELECT id, value, note FROM s WHERE what = 'keep' AND id % 2 = 0 AND id NOT IN (10, 12)
