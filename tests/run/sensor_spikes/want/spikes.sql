WITH r AS (
  SELECT *, sum((celsius * 100)::BIGINT) OVER w AS total, row_number() OVER w AS n, max(celsius) OVER w AS most
  FROM read_json('readings.ndjson', columns = {id: 'INTEGER', sensor: 'VARCHAR', celsius: 'DECIMAL(5,2)', at_text: 'VARCHAR'})
  WINDOW w AS (PARTITION BY sensor ORDER BY id)
), m AS (
  SELECT *, ((total * 20000 + n * sign(total)) // (2 * n) * 0.000001::DECIMAL(9, 6))::DECIMAL(9, 6) AS mean FROM r
)
SELECT id, sensor, celsius, mean, celsius = most AS is_record FROM m WHERE n > 5 AND abs(celsius - mean) > 10
