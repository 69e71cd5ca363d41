WITH l AS (FROM read_json('lines.ndjson', columns = {ts: 'TIMESTAMPTZ', level: 'VARCHAR', service: 'VARCHAR', message: 'VARCHAR'})),
g AS (SELECT *, ts IS NOT NULL AND level IN ('debug', 'info', 'warn', 'error') AS is_good FROM l)
SELECT 'lines' AS source, 'schema' AS class, CASE WHEN ts IS NULL THEN 'F020' ELSE 'F025' END AS code FROM g WHERE NOT is_good
