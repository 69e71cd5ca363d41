WITH p AS (
  SELECT *, CASE currency WHEN 'USD' THEN 9000 WHEN 'GBP' THEN 11700 ELSE 10000 END AS r, day >= DATE '2026-01-01' AS is_fresh
  FROM read_csv('payments.csv', header = true, columns = {payment_id: 'INTEGER', currency: 'VARCHAR', amount: 'DECIMAL(10,2)', day: 'DATE'})
), e AS (SELECT *, ((amount * 100)::BIGINT * r + 5000) // 10000 AS cents FROM p)
SELECT payment_id, currency, (cents * 0.01::DECIMAL(3, 2))::DECIMAL(14, 2) AS euro, ((cents * 2000 + 1070) // 2140 * 0.01::DECIMAL(3, 2))::DECIMAL(18, 2) AS net,
  (greatest((cents + 50) // 100, 35) * 0.01::DECIMAL(3, 2))::DECIMAL(14, 2) AS fee
FROM e WHERE is_fresh
