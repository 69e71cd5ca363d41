SELECT time_bucket(INTERVAL 1 minute, ts) AS window_start, time_bucket(INTERVAL 1 minute, ts) + INTERVAL 1 minute AS window_end,
  currency, count(*) AS orders, sum(amount)::DECIMAL(22, 2) AS revenue
FROM read_json('orders.ndjson', format = 'newline_delimited', columns = {amount: 'DECIMAL(12,2)', currency: 'VARCHAR', status: 'VARCHAR', ts: 'TIMESTAMPTZ'})
WHERE status = 'paid' GROUP BY ALL
