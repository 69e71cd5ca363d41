WITH r AS (SELECT * FROM read_csv('reads.csv', header = true, columns = {id: 'BIGINT', place: 'VARCHAR', degrees: 'DECIMAL(5,1)', ts: 'TIMESTAMPTZ'}))
SELECT time_bucket(INTERVAL 6 HOURS, ts, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS window_start, window_start + INTERVAL 6 HOURS AS window_end, place, count(*) AS n, min(degrees) AS low, max(degrees) AS high FROM r GROUP BY ALL
