WITH h AS (
  SELECT sensor, date_trunc('hour', "at") AS hour, max(value) AS most, CASE WHEN max(value) >= 80 THEN 'high' WHEN max(value) >= 40 THEN 'middle' ELSE 'low' END AS level
  FROM read_csv('readings.csv', header = true, columns = {sensor: 'VARCHAR', value: 'INTEGER', "at": 'TIMESTAMPTZ'}) GROUP BY sensor, date_trunc('hour', "at")
), b AS (SELECT *, level IS DISTINCT FROM lag(level) OVER (PARTITION BY sensor ORDER BY hour) AS begins FROM h),
v AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY sensor ORDER BY hour) AS version FROM b),
g AS (SELECT sensor, any_value(level) AS level, last(most ORDER BY hour) AS most, min(hour) AS hour FROM v GROUP BY sensor, version),
e AS (SELECT *, lead(since) OVER (PARTITION BY sensor ORDER BY hour) AS until FROM (SELECT *, hour + INTERVAL 1 HOUR - INTERVAL 1 MICROSECOND AS since FROM g))
SELECT level, count(*) AS spans, sum(date_sub('hour', since, until))::BIGINT AS hours, count(*) FILTER (until IS NULL) AS open FROM e GROUP BY level
