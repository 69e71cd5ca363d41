WITH i AS (SELECT * FROM read_json('items.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', sku: 'VARCHAR', shop: 'INTEGER', qty: 'INTEGER', ts: 'TIMESTAMPTZ'})),
p AS (SELECT * FROM read_csv('prices.csv', header = true, columns = {sku: 'VARCHAR', shop: 'INTEGER', low: 'INTEGER', high: 'INTEGER', price: 'DECIMAL(8,2)'}))
SELECT i.sku, i.shop = p.shop AS is_own, count(*) AS n, max(price) AS most, (max(price) - min(price))::DECIMAL(9,2) AS spread FROM i JOIN p ON i.sku = p.sku AND qty % 5 >= low GROUP BY ALL
