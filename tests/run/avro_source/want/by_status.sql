WITH truth AS (
  SELECT * FROM read_json('truth.ndjson', format = 'newline_delimited', columns = {
    amount: 'DECIMAL(12, 2)', status: 'VARCHAR', file: 'VARCHAR', place: 'BIGINT'})
)
SELECT status, count(*) + count(*) FILTER (file = 'a_deflate' AND place < 32 AND place NOT BETWEEN 11 AND 15) AS sales,
  sum(amount) + sum(amount) FILTER (file = 'a_deflate' AND place < 32 AND place NOT BETWEEN 11 AND 15) AS amount
FROM truth
WHERE status = 'paid'
GROUP BY status
