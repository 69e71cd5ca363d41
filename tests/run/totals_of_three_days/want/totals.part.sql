SELECT coalesce(account, 'nobody') AS holder, count(*) AS bookings, count(rate) AS rated,
       count(*) FILTER (kind = 'fee') AS fees, sum(amount::decimal(12, 2))::decimal(22, 2) AS amount,
       min(amount::decimal(12, 2)) AS least, max(seen::timestamptz) AS last_seen,
       count(DISTINCT city) AS cities, quantile_cont(rate, 0.5) AS middle, bool_and(kind = 'in') AS all_in,
       sum(amount::decimal(12, 2)) FILTER (kind = 'out')::decimal(22, 2) AS paid, count(*) > 12 AS is_busy
FROM read_json('in/*.ndjson', format = 'newline_delimited',
               columns = {account: 'varchar', kind: 'varchar', amount: 'varchar', rate: 'double', city: 'varchar', seen: 'varchar'})
WHERE amount::decimal(12, 2) >= 0
GROUP BY 1
