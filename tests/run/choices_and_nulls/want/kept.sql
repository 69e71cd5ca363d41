WITH p AS (FROM read_csv('pairs.csv', header = true, columns = {id: 'INTEGER', a: 'BOOLEAN', b: 'BOOLEAN', n: 'INTEGER', m: 'DECIMAL(6,2)', t: 'VARCHAR'}))
SELECT id, length(t) + n AS length FROM p WHERE NOT (a AND b) AND n <> 5 AND t IS NOT NULL
