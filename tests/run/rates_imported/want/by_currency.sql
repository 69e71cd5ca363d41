WITH p AS (
  SELECT *, CASE currency WHEN 'USD' THEN 9000 WHEN 'GBP' THEN 11700 ELSE 10000 END AS r, day >= DATE '2026-01-01' AS is_fresh
  FROM read_csv('payments.csv', header = true, columns = {payment_id: 'INTEGER', currency: 'VARCHAR', amount: 'DECIMAL(10,2)', day: 'DATE'})
), e AS (SELECT *, ((amount * 100)::BIGINT * r + 5000) // 10000 AS cents FROM p)
SELECT currency, count(*) AS payments, (sum(cents) FILTER (is_fresh) * 0.01::DECIMAL(3, 2))::DECIMAL(24, 2) AS euro FROM e GROUP BY currency
