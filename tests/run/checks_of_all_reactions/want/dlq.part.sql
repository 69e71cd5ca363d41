WITH r AS (FROM read_csv('readings.csv', header = true, columns = {id: 'INTEGER', value: 'INTEGER', note: 'VARCHAR'})),
s AS (
  SELECT *, CASE WHEN id < 0 OR value <= -100 THEN 'reject' WHEN value >= 100 OR value IS NULL THEN 'drop' ELSE 'keep' END AS what FROM r
)
SELECT source, class, code FROM (
  SELECT 'readings' AS source, 'contract' AS class, 'C001' AS code FROM s WHERE what = 'reject'
  UNION ALL SELECT 'readings', 'contract', 'C002' FROM s WHERE what = 'keep' AND id IN (10, 12)
)
