WITH versions AS (
  SELECT id, name, "at"::TIMESTAMPTZ AS "at", NULL AS city FROM 'old.ndjson'
  UNION ALL
  SELECT id, name, "at"::TIMESTAMPTZ AS "at", city FROM 'new.ndjson'
)
SELECT id, name, "at", "at" AS valid_from, lead("at") OVER keys AS valid_to, lead("at") OVER keys IS NULL AS is_current, city
FROM versions WINDOW keys AS (PARTITION BY id ORDER BY "at")
