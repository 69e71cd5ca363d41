WITH l AS (FROM read_csv('lines.csv', header = true, columns = {id: 'BIGINT', level: 'VARCHAR', ms: 'INTEGER', path: 'VARCHAR'}) WHERE path <> '/health')
SELECT id::VARCHAR AS id, level, ms::VARCHAR AS ms, path FROM l WHERE level <> 'error' AND ms > 1000
