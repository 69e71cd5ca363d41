WITH b AS (
  SELECT device, value, CASE WHEN "at" LIKE '20%' THEN "at"::TIMESTAMPTZ ELSE to_timestamp(try_cast("at" AS BIGINT) / 1000) END AS "at"
  FROM read_json('beats.ndjson', columns = {device: 'VARCHAR', value: 'INTEGER', "at": 'VARCHAR'})
)
SELECT 'beats' AS source FROM b WHERE year("at") > 2100
