WITH r AS (
  SELECT * REPLACE (value::DOUBLE AS value)
  FROM read_json('readings.ndjson', columns = {id: 'INTEGER', value: 'VARCHAR', unit: 'VARCHAR', weight: 'FLOAT'})
), c AS (SELECT *, CASE unit WHEN 'F' THEN (value - 32) * 5 / 9 WHEN 'K' THEN value - 273.15::DOUBLE ELSE value END AS c FROM r)
SELECT id, round(c, 6) AS c, weight * 2 AS heavy, isnan(value) AS is_nan, c > 100 AS is_hot, round(c + 273.15::DOUBLE, 3) AS kelvin, floor(weight) AS floor, value / 2 AS half FROM c
