WITH b AS (
  SELECT device, value, CASE WHEN "at" LIKE '20%' THEN "at"::TIMESTAMPTZ ELSE to_timestamp(try_cast("at" AS BIGINT) / 1000) END AS "at"
  FROM read_json('beats.ndjson', columns = {device: 'VARCHAR', value: 'INTEGER', "at": 'VARCHAR'})
)
SELECT date_trunc('hour', "at") AS window_start, date_trunc('hour', "at") + INTERVAL 1 HOUR AS window_end, device, count(*) AS beats, last(value ORDER BY "at", value) AS newest,
  max(epoch_ms("at")) AS ms, min(date_trunc('second', "at")) AS "begin", min("at") - INTERVAL 3 HOURS AS local
FROM b WHERE year("at") < 2100 GROUP BY date_trunc('hour', "at"), device
