WITH o AS (FROM read_csv('orders.csv', header = true, columns = {order_id: 'BIGINT', country: 'VARCHAR', amount: 'DECIMAL(10,2)'}))
SELECT country, sum(amount) AS total, count(*) AS orders FROM o GROUP BY country
