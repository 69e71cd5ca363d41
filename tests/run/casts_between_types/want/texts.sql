WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', n: 'BIGINT', d: 'DECIMAL(10,4)', f: 'DOUBLE', b: 'BOOLEAN', day: 'DATE', "at": 'TIMESTAMPTZ', t: 'VARCHAR'})),
x AS (SELECT *, CASE WHEN regexp_full_match(t, '-?\d+') THEN t::BIGINT END AS whole FROM r)
SELECT id, n::VARCHAR AS n, d::VARCHAR AS d, b::VARCHAR AS b, day::VARCHAR AS day,
  strftime("at", '%Y-%m-%dT%H:%M:%S') || CASE WHEN epoch_us("at") % 1000000 = 0 THEN '' WHEN epoch_us("at") % 1000 = 0 THEN strftime("at", '.%g') ELSE strftime("at", '.%f') END || 'Z' AS "at", f::VARCHAR AS f
FROM x
