SELECT order_id, zone, ceil(grams / 5000)::BIGINT AS parcels,
  CASE WHEN total >= 80.50 OR is_member IS TRUE THEN 0.00 WHEN zone = 'home' THEN 3.90 WHEN zone = 'near' THEN 7.50 ELSE 19.95 END AS price,
  grams > 5000 AND zone <> 'home' AS heavy
FROM read_json('orders.ndjson', columns = {order_id: 'BIGINT', zone: 'VARCHAR', total: 'DECIMAL(10,2)', grams: 'INTEGER', is_member: 'BOOLEAN'})
