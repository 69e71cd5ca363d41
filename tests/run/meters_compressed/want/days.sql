WITH m AS (
  FROM read_csv('in/one.csv', header = true, compression = 'gzip', columns = {"at": 'TIMESTAMPTZ', kwh: 'DECIMAL(9,3)', meter: 'INTEGER'})
  UNION ALL FROM read_csv('in/two.csv', header = true, columns = {"at": 'TIMESTAMPTZ', kwh: 'DECIMAL(9,3)', meter: 'INTEGER'})
  UNION ALL FROM read_csv('in/three.csv', header = true, compression = 'zstd', columns = {"at": 'TIMESTAMPTZ', kwh: 'DECIMAL(9,3)', meter: 'INTEGER'})
)
SELECT meter, "at"::DATE AS day, sum(kwh) AS kwh, count(*) AS readings, last(kwh ORDER BY "at") AS newest FROM m GROUP BY ALL
