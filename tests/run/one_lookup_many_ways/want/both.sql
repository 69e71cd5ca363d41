WITH s AS (FROM read_csv('sales.csv', header = true, columns = {id: 'INTEGER', seller: 'VARCHAR', buyer: 'VARCHAR', amount: 'DECIMAL(8,2)'})),
p AS (FROM read_json('people.ndjson', columns = {name: 'VARCHAR', city: 'VARCHAR', limit_of: 'DECIMAL(8,2)', since: 'DATE'}) QUALIFY row_number() OVER (PARTITION BY name ORDER BY since DESC) = 1)
SELECT id, a.city AS seller_city, b.city AS buyer_city, a.city = b.city AS same, amount <= b.limit_of AS below FROM s JOIN p AS a ON seller = a.name LEFT JOIN p AS b ON buyer = b.name
