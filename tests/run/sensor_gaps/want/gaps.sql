SELECT sensor, lag("at") OVER w AS from_time, "at" AS to_time, epoch("at" - lag("at") OVER w) / 300 - 1 AS missing,
  value - lag(value) OVER w AS change, "at" - lag("at") OVER w >= INTERVAL 1 HOUR AS is_long
FROM read_csv('readings.csv', header = true, columns = {sensor: 'VARCHAR', value: 'DOUBLE', "at": 'TIMESTAMPTZ'})
WINDOW w AS (PARTITION BY sensor ORDER BY "at") QUALIFY "at" - lag("at") OVER w > INTERVAL 10 MINUTES
