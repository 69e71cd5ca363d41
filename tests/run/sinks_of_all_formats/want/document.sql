WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', name: 'VARCHAR', amount: 'DECIMAL(9,3)', share: 'DOUBLE', day: 'DATE', "at": 'TIMESTAMPTZ', flag: 'BOOLEAN'}) WHERE id % 3 <> 0),
t AS (
  SELECT *, strftime("at", '%Y-%m-%dT%H:%M:%S') || CASE WHEN epoch_us("at") % 1000000 = 0 THEN '' WHEN epoch_us("at") % 1000 = 0 THEN strftime("at", '.%g') ELSE strftime("at", '.%f') END || 'Z' AS at_text FROM r
)
SELECT id, name, flag FROM t
