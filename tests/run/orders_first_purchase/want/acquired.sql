WITH o AS (
  SELECT *, row_number() OVER (PARTITION BY customer ORDER BY ts, order_id) AS place
  FROM read_csv('orders.csv', header = true, columns = {order_id: 'BIGINT', customer: 'VARCHAR', channel: 'VARCHAR', ts: 'TIMESTAMPTZ'})
)
SELECT channel, count(*) AS customers, min(ts) AS earliest FROM o WHERE place = 1 GROUP BY channel
