WITH l AS (FROM read_json('lines.ndjson', columns = {ts: 'TIMESTAMPTZ', level: 'VARCHAR', service: 'VARCHAR', message: 'VARCHAR'})),
g AS (SELECT *, ts IS NOT NULL AND level IN ('debug', 'info', 'warn', 'error') AS is_good FROM l)
SELECT service, level, count(*) AS lines, count(message) AS with_text, last(message ORDER BY ts) FILTER (message IS NOT NULL) AS last_text
FROM g WHERE is_good AND level <> 'debug' GROUP BY ALL
