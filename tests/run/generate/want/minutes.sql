SELECT time_bucket(INTERVAL 10 MINUTE, ts) AS window_start, time_bucket(INTERVAL 10 MINUTE, ts) + INTERVAL 10 MINUTE AS window_end,
       currency, count(*) AS n, sum(amount) AS amount
FROM 'raw/*.parquet' GROUP BY ALL
