SELECT kind, count(*) AS bookings, sum(amount::decimal(12, 2))::decimal(22, 2) AS amount
FROM read_json('in/*.ndjson', format = 'newline_delimited',
               columns = {account: 'varchar', kind: 'varchar', amount: 'varchar', rate: 'double', city: 'varchar', seen: 'varchar'})
WHERE amount::decimal(12, 2) >= 0
GROUP BY kind
