WITH truth AS (
  SELECT * FROM read_json('truth.ndjson', format = 'newline_delimited', columns = {
    id: 'INTEGER', amount: 'DECIMAL(12, 2)', price: 'DOUBLE', status: 'VARCHAR', note: 'VARCHAR', ts: 'TIMESTAMP',
    day: 'DATE', flag: 'BOOLEAN', blob: 'VARCHAR', wide: 'DECIMAL(38, 10)', token: 'VARCHAR', file: 'VARCHAR',
    place: 'BIGINT'})
), read AS (
  SELECT * FROM truth
  UNION ALL
  -- of the damaged copy: not the block of rows 11 to 15, and nothing behind row 31
  SELECT * REPLACE ('f_damaged' AS file) FROM truth
  WHERE file = 'a_deflate' AND place < 32 AND place NOT BETWEEN 11 AND 15
)
SELECT id, amount, price, status, note,
  CASE WHEN file = 'c_zstandard' THEN date_trunc('milliseconds', ts) ELSE ts END AS ts,
  day, flag, unhex(blob) AS blob, wide, token, place, 'data/' || file || '.avro' AS origin
FROM read
