WITH l AS (FROM read_csv('lines.csv', header = true, columns = {id: 'BIGINT', level: 'VARCHAR', ms: 'INTEGER', path: 'VARCHAR'}) WHERE path <> '/health')
FROM l WHERE level = 'error'
