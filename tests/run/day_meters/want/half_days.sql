WITH m AS (SELECT row_number() OVER () AS n, * FROM read_json('meters.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', meter: 'VARCHAR', kind: 'VARCHAR', x: 'DOUBLE', d: 'DECIMAL(9,3)', k: 'INTEGER', ts: 'TIMESTAMPTZ'})),
f AS (SELECT * FROM read_csv('factors.csv', header = true, columns = {code: 'VARCHAR', kind: 'VARCHAR', factor: 'DECIMAL(6,3)', since: 'DATE'}))
SELECT time_bucket(INTERVAL 12 HOURS, ts, TIMESTAMPTZ '1970-01-01 05:00:00Z') AS window_start, window_start + INTERVAL 12 HOURS AS window_end, count(*) AS n, count(DISTINCT meter) AS meters FROM m GROUP BY ALL
