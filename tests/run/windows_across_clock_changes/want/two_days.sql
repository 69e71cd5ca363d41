WITH c AS (SELECT *, "at" AT TIME ZONE 'America/New_York' AS local FROM read_csv('calls.csv', header = true, columns = {id: 'INTEGER', line: 'VARCHAR', "at": 'TIMESTAMPTZ'})), d AS (SELECT line, (local::DATE - unnest([0, 1]))::TIMESTAMP AS day FROM c)
SELECT day AT TIME ZONE 'America/New_York' AS window_start, (day + INTERVAL 2 DAYS) AT TIME ZONE 'America/New_York' AS window_end, count(*) AS calls, count(DISTINCT line) AS lines,
  (epoch((day + INTERVAL 2 DAYS) AT TIME ZONE 'America/New_York') - epoch(day AT TIME ZONE 'America/New_York'))::BIGINT // 3600 AS hours
FROM d GROUP BY day
