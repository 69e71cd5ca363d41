WITH o AS (FROM read_csv('orders.csv', header = true, columns = {order_id: 'BIGINT', coupon: 'VARCHAR', amount: 'DECIMAL(10,2)', day: 'DATE'})),
c AS (FROM read_csv('coupons.csv', header = true, columns = {code: 'VARCHAR', starts: 'DATE', ends: 'DATE', percent: 'INTEGER'}))
SELECT order_id, coalesce(percent, 0) AS percent, coupon IS NOT NULL AND code IS NULL AS is_wrong,
  (((amount * 100)::BIGINT * (100 - coalesce(percent, 0)) + 50) // 100 * 0.01::DECIMAL(3, 2))::DECIMAL(10, 2) AS paid
FROM o LEFT JOIN c ON upper(trim(coupon)) = code AND day >= starts AND (ends IS NULL OR day <= ends)
