WITH i AS (SELECT * FROM read_json('items.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', sku: 'VARCHAR', shop: 'INTEGER', qty: 'INTEGER', ts: 'TIMESTAMPTZ'})),
p AS (SELECT * FROM read_csv('prices.csv', header = true, columns = {sku: 'VARCHAR', shop: 'INTEGER', low: 'INTEGER', high: 'INTEGER', price: 'DECIMAL(8,2)'}))
SELECT id, i.sku, price, (price * qty)::DECIMAL(19,2) AS total FROM i JOIN p ON i.sku = p.sku AND i.shop = p.shop AND qty BETWEEN low AND high
