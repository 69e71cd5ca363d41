SELECT id, amount, 'nobody' AS name FROM read_csv('some.csv', header = true, columns = {id: 'INTEGER', amount: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'})
