WITH s AS (FROM read_csv('sales.csv', header = true, columns = {id: 'INTEGER', seller: 'VARCHAR', buyer: 'VARCHAR', amount: 'DECIMAL(8,2)'})),
p AS (FROM read_json('people.ndjson', columns = {name: 'VARCHAR', city: 'VARCHAR', limit_of: 'DECIMAL(8,2)', since: 'DATE'}) QUALIFY row_number() OVER (PARTITION BY name ORDER BY since DESC) = 1)
FROM p
