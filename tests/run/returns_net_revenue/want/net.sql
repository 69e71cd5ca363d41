WITH u AS (
  SELECT product, amount::DECIMAL(11, 3) AS amount, day, 'sale' AS what
  FROM read_csv('sales.csv', header = true, columns = {clerk: 'VARCHAR', day: 'DATE', product: 'VARCHAR', amount: 'DECIMAL(8,2)'})
  UNION ALL
  SELECT product, -refund, day, 'return'
  FROM read_json('returns.ndjson', columns = {day: 'DATE', product: 'VARCHAR', refund: 'DECIMAL(10,3)', reason: 'VARCHAR'})
  WHERE reason IS DISTINCT FROM 'test'
)
SELECT product, strftime(day, '%Y-%m') AS month, sum(amount) AS net, sum(amount) FILTER (what = 'return') AS returned, count(*) FILTER (what = 'sale') AS sales
FROM u GROUP BY ALL
