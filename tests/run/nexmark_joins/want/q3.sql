WITH auction AS (SELECT * FROM read_json('auctions.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', itemName: 'VARCHAR', description: 'VARCHAR', initialBid: 'BIGINT', reserve: 'BIGINT', dateTime: 'TIMESTAMPTZ', expires: 'TIMESTAMPTZ', seller: 'BIGINT', category: 'INTEGER', extra: 'VARCHAR'})),
person AS (SELECT * FROM read_json('persons.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', name: 'VARCHAR', emailAddress: 'VARCHAR', creditCard: 'VARCHAR', city: 'VARCHAR', state: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'}))
SELECT p.name, p.city, p.state, a.id FROM auction a JOIN person p ON a.seller = p.id
WHERE a.category = 10 AND p.state IN ('OR', 'ID', 'CA')
