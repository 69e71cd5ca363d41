WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', name: 'VARCHAR', amount: 'DECIMAL(9,3)', share: 'DOUBLE', day: 'DATE', "at": 'TIMESTAMPTZ', flag: 'BOOLEAN'}) WHERE id % 3 <> 0)
SELECT id, name, amount, day, "at", flag, {a: amount, b: [{c: day, d: flag}]} AS part,
  CASE WHEN flag THEN 'good' ELSE 'bad' END AS mood, 'so so' AS odd, amount::DECIMAL(38, 10) AS wide,
  (id % 100)::TINYINT AS small, id::FLOAT AS half, "at" - INTERVAL 70 DAYS AS long_ago,
  epoch_us("at") - epoch_us(TIMESTAMPTZ '2026-01-01T00:00:00Z') AS took, unhex('0001ff') AS coded, [name, 'x'] AS parts
FROM r
