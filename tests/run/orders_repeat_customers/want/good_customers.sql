WITH c AS (
  SELECT customer, count(*) AS orders, sum(amount) AS spent
  FROM read_json('orders.ndjson', columns = {order_id: 'BIGINT', customer: 'BIGINT', amount: 'DECIMAL(9,2)'})
  GROUP BY customer
)
FROM c WHERE orders >= 3 AND spent > 500
