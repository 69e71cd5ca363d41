WITH o AS (
  SELECT *, row_number() OVER (PARTITION BY customer ORDER BY ts, order_id) AS place
  FROM read_csv('orders.csv', header = true, columns = {order_id: 'BIGINT', customer: 'VARCHAR', channel: 'VARCHAR', ts: 'TIMESTAMPTZ'})
)
SELECT customer, place, order_id, channel FROM o WHERE place <= 2
