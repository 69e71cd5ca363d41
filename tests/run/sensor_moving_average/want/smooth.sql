WITH r AS (FROM read_csv('readings-*.csv', header = true, columns = {sensor: 'VARCHAR', value: 'BIGINT', "at": 'TIMESTAMPTZ'})),
w AS (
  SELECT *, unnest([b, b - INTERVAL 5 MINUTES, b - INTERVAL 10 MINUTES]) AS window_start
  FROM (SELECT *, time_bucket(INTERVAL 5 MINUTES, "at", TIMESTAMPTZ '2000-01-01 00:00:00Z') AS b FROM r)
)
SELECT window_start, window_start + INTERVAL 15 MINUTES AS window_end, sensor, count(*) AS readings, avg(value) AS mean,
  last(value ORDER BY "at") FILTER (value IS NOT NULL) AS newest, first(value ORDER BY "at") FILTER (value IS NOT NULL) AS oldest
FROM w GROUP BY window_start, sensor HAVING count(*) >= 2
