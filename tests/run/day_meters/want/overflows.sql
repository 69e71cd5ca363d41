WITH m AS (SELECT row_number() OVER () AS n, * FROM read_json('meters.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', meter: 'VARCHAR', kind: 'VARCHAR', x: 'DOUBLE', d: 'DECIMAL(9,3)', k: 'INTEGER', ts: 'TIMESTAMPTZ'})),
f AS (SELECT * FROM read_csv('factors.csv', header = true, columns = {code: 'VARCHAR', kind: 'VARCHAR', factor: 'DECIMAL(6,3)', since: 'DATE'}))
SELECT id, k + 1 AS next, 100 // k AS inverse FROM m WHERE k <> 2147483647 AND k <> 0
