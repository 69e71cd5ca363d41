WITH c AS (
  SELECT customer, count(*) AS orders, sum(amount) AS spent
  FROM read_json('orders.ndjson', columns = {order_id: 'BIGINT', customer: 'BIGINT', amount: 'DECIMAL(9,2)'})
  GROUP BY customer
)
SELECT orders, count(*) AS customers, sum(spent) AS spent, max(spent) AS most FROM c GROUP BY orders
