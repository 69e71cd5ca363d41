WITH p AS (FROM read_json('parcels.ndjson', columns = {id: 'INTEGER', weight: 'VARCHAR', count: 'VARCHAR'}))
SELECT id, CASE WHEN regexp_full_match(weight, '-?\d+') THEN try_cast(weight AS INTEGER) END AS whole,
  CASE WHEN regexp_full_match(weight, '-?\d+') THEN try_cast(weight AS TINYINT) END AS tiny,
  CASE WHEN regexp_full_match(weight, '-?\d+(\.\d{1,2})?|1e2') THEN try_cast(weight AS DECIMAL(6, 2)) END AS exact,
  try_cast(weight AS DOUBLE) AS float, CASE WHEN weight IN ('true', 'false') THEN weight::BOOLEAN END AS is_true,
  CASE WHEN weight LIKE '____-__-__' THEN try_cast(weight AS DATE) END AS day
FROM p
