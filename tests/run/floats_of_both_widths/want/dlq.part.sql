WITH r AS (FROM read_json('rows-*.ndjson', columns = {id: 'INTEGER', f: 'FLOAT', g: 'DOUBLE', n: 'SMALLINT'}))
SELECT 'computed' AS flow, 'expression' AS class FROM r WHERE f = 0
