WITH e AS (FROM read_csv('events.csv', header = true, columns = {user: 'VARCHAR', step: 'VARCHAR', device: 'VARCHAR', ts: 'TIMESTAMPTZ'}))
SELECT ts::DATE AS day, coalesce(device, 'unknown') AS device, count(DISTINCT user) FILTER (step = 'view') AS viewed, count(DISTINCT user) FILTER (step = 'cart') AS carted,
  count(DISTINCT user) FILTER (step = 'pay') AS paid, count(DISTINCT user) FILTER (step IN ('address', 'pay')) AS beyond_cart,
  (count(DISTINCT user) FILTER (step = 'pay')) / count(DISTINCT user) AS rate, list_sort(list(DISTINCT step)) AS steps
FROM e GROUP BY ts::DATE, coalesce(device, 'unknown')
