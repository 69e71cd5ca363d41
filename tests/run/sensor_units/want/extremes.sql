WITH r AS (
  SELECT * REPLACE (value::DOUBLE AS value)
  FROM read_json('readings.ndjson', columns = {id: 'INTEGER', value: 'VARCHAR', unit: 'VARCHAR', weight: 'FLOAT'})
)
SELECT unit, min(value) AS least, max(value) AS most, count(DISTINCT value) AS n FROM r GROUP BY unit
