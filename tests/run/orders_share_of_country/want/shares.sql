WITH o AS (FROM read_csv('orders.csv', header = true, columns = {order_id: 'BIGINT', country: 'VARCHAR', amount: 'DECIMAL(10,2)'}))
SELECT order_id, country, round(amount::DOUBLE / sum(amount) OVER (PARTITION BY country)::DOUBLE, 9) AS share
FROM o WHERE country IS NOT NULL QUALIFY count(*) OVER (PARTITION BY country) > 1
