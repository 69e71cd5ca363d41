WITH c AS (SELECT *, "at" AT TIME ZONE 'America/New_York' AS local FROM read_csv('calls.csv', header = true, columns = {id: 'INTEGER', line: 'VARCHAR', "at": 'TIMESTAMPTZ'}))
SELECT date_trunc('hour', "at") AS window_start, date_trunc('hour', "at") + INTERVAL 1 HOUR AS window_end, line, count(*) AS calls,
  strftime(date_trunc('hour', "at") AT TIME ZONE 'America/New_York', '%Y-%m-%d %H:%M')
    || CASE WHEN epoch(date_trunc('hour', "at") AT TIME ZONE 'America/New_York' AT TIME ZONE 'UTC') - epoch(date_trunc('hour', "at")) = -14400 THEN '-04:00' ELSE '-05:00' END AS local
FROM c GROUP BY date_trunc('hour', "at"), line
