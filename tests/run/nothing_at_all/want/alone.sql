SELECT id FROM read_csv('some.csv', header = true, columns = {id: 'INTEGER', amount: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}) ORDER BY amount DESC NULLS LAST LIMIT 2
