WITH m AS (SELECT row_number() OVER () AS n, * FROM read_json('meters.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', meter: 'VARCHAR', kind: 'VARCHAR', x: 'DOUBLE', d: 'DECIMAL(9,3)', k: 'INTEGER', ts: 'TIMESTAMPTZ'})),
f AS (SELECT * FROM read_csv('factors.csv', header = true, columns = {code: 'VARCHAR', kind: 'VARCHAR', factor: 'DECIMAL(6,3)', since: 'DATE'}))
SELECT date_trunc('day', h) AS window_start, date_trunc('day', h) + INTERVAL 1 DAY AS window_end, kind, count(*) AS hours, sum(n)::BIGINT AS n, max(n) AS most, max(high) AS high, last(last_id ORDER BY h) AS last_id
  FROM (SELECT date_trunc('hour', ts) AS h, kind, count(*) AS n, max(d) AS high, last(id ORDER BY ts, m.n) AS last_id FROM m GROUP BY ALL) GROUP BY ALL
