WITH l AS (FROM read_csv('lines.csv', header = true, columns = {id: 'BIGINT', level: 'VARCHAR', ms: 'INTEGER', path: 'VARCHAR'}) WHERE path <> '/health')
SELECT id, level, ms FROM l WHERE level <> 'error' AND (ms IS NULL OR ms <= 1000)
