WITH numbered AS (SELECT *, row_number() OVER () AS position FROM read_csv('prices.csv', columns = {product: 'VARCHAR', country: 'VARCHAR', price: 'INTEGER', changed: 'TIMESTAMPTZ'})),
newest AS (SELECT product, country, changed, arg_max(price, position) AS price FROM numbered GROUP BY ALL),
steps AS (SELECT *, lag(price) OVER k AS was FROM newest WINDOW k AS (PARTITION BY product, country ORDER BY changed)),
versions AS (SELECT product, country, price, changed AS valid_from, lead(changed) OVER (PARTITION BY product, country ORDER BY changed) AS valid_to FROM steps WHERE was IS DISTINCT FROM price)
SELECT o.id, v.country, v.price FROM read_csv('orders.csv', nullstr = '', columns = {id: 'BIGINT', product: 'VARCHAR', delay: 'BIGINT', ts: 'TIMESTAMPTZ'}) o LEFT JOIN versions v ON o.product = v.product AND v.price > 20 AND v.valid_from <= o.ts + to_minutes(o.delay) AND (v.valid_to IS NULL OR o.ts + to_minutes(o.delay) < v.valid_to)
