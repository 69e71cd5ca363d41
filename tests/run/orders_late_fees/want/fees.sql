WITH o AS (
  SELECT *, date_diff('day', due, coalesce(paid, DATE '2026-06-30')) AS late
  FROM read_csv('orders.csv', header = true, columns = {order_id: 'BIGINT', amount: 'DECIMAL(10,2)', due: 'DATE', paid: 'DATE'})
), r AS (
  SELECT *, CASE WHEN late > 60 THEN 50 WHEN late > 14 THEN 25 ELSE 10 END AS mille FROM o WHERE late > 3
)
SELECT order_id, late AS days_late, paid IS NULL AS is_open,
  (greatest(((amount * 100)::BIGINT * mille + 500) // 1000, 250) * 0.01::DECIMAL(3, 2))::DECIMAL(10, 2) AS fee
FROM r
