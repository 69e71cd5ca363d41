WITH m AS (SELECT row_number() OVER () AS n, * FROM read_json('meters.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', meter: 'VARCHAR', kind: 'VARCHAR', x: 'DOUBLE', d: 'DECIMAL(9,3)', k: 'INTEGER', ts: 'TIMESTAMPTZ'})),
f AS (SELECT * FROM read_csv('factors.csv', header = true, columns = {code: 'VARCHAR', kind: 'VARCHAR', factor: 'DECIMAL(6,3)', since: 'DATE'}))
SELECT {'kind': kind, 'd': d} AS pair, [meter, kind] AS tags, count(*) AS n, max(CASE WHEN x = 0 THEN 0.0 ELSE x END) AS high, list(id ORDER BY ts, n) AS ids FROM m GROUP BY ALL
