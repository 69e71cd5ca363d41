WITH i AS (SELECT * FROM read_json('items.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', sku: 'VARCHAR', shop: 'INTEGER', qty: 'INTEGER', ts: 'TIMESTAMPTZ'})),
p AS (SELECT * FROM read_csv('prices.csv', header = true, columns = {sku: 'VARCHAR', shop: 'INTEGER', low: 'INTEGER', high: 'INTEGER', price: 'DECIMAL(8,2)'}))
SELECT id, sku, shop FROM i WHERE NOT EXISTS (SELECT 1 FROM p WHERE i.sku = p.sku AND i.shop = p.shop)
