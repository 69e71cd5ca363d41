WITH l AS (FROM read_csv('lines.csv', header = true, columns = {order_id: 'BIGINT', product: 'VARCHAR', quantity: 'INTEGER'}))
SELECT a.product, b.product AS with_product, count(DISTINCT a.order_id) AS orders, sum(least(a.quantity, b.quantity))::BIGINT AS together
FROM l AS a JOIN l AS b ON a.order_id = b.order_id AND a.product < b.product
GROUP BY ALL HAVING count(DISTINCT a.order_id) > 1
