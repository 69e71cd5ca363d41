WITH m AS (SELECT row_number() OVER () AS n, * FROM read_json('meters.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', meter: 'VARCHAR', kind: 'VARCHAR', x: 'DOUBLE', d: 'DECIMAL(9,3)', k: 'INTEGER', ts: 'TIMESTAMPTZ'})),
f AS (SELECT * FROM read_csv('factors.csv', header = true, columns = {code: 'VARCHAR', kind: 'VARCHAR', factor: 'DECIMAL(6,3)', since: 'DATE'}))
SELECT count(*) AS n, string_agg(code || '-' || kind, ',') AS codes FROM f WHERE NOT EXISTS (SELECT 1 FROM m WHERE meter = code AND m.kind = f.kind AND k > 50)
