WITH i AS (SELECT * FROM read_json('items.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', sku: 'VARCHAR', shop: 'INTEGER', qty: 'INTEGER', ts: 'TIMESTAMPTZ'})),
p AS (SELECT * FROM read_csv('prices.csv', header = true, columns = {sku: 'VARCHAR', shop: 'INTEGER', low: 'INTEGER', high: 'INTEGER', price: 'DECIMAL(8,2)'}))
SELECT id, i.sku, i.shop, p.shop AS their_shop, coalesce(price, 0)::DECIMAL(8,2) AS price FROM i LEFT JOIN p ON i.sku = p.sku AND (i.shop = p.shop OR p.shop IS NULL) AND qty >= low AND qty <= high
