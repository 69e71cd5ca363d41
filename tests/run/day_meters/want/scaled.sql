WITH m AS (SELECT row_number() OVER () AS n, * FROM read_json('meters.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', meter: 'VARCHAR', kind: 'VARCHAR', x: 'DOUBLE', d: 'DECIMAL(9,3)', k: 'INTEGER', ts: 'TIMESTAMPTZ'})),
f AS (SELECT * FROM read_csv('factors.csv', header = true, columns = {code: 'VARCHAR', kind: 'VARCHAR', factor: 'DECIMAL(6,3)', since: 'DATE'}))
SELECT id, m.kind, (d * factor)::DECIMAL(16,6) AS scaled, date_diff('day', since, ts::DATE) AS days FROM m JOIN f ON meter = code AND m.kind = f.kind AND ts::DATE >= since AND d * factor > 0
