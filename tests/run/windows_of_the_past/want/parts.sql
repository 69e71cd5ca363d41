WITH d AS (FROM read_json('deeds.ndjson', columns = {id: 'INTEGER', what: 'VARCHAR', "at": 'TIMESTAMPTZ', day: 'DATE'}))
SELECT id, year("at") AS year, weekofyear(day) AS week, isodow(day) AS weekday, date_trunc('year', day)::DATE AS century_start, (epoch_us("at") - (epoch_us("at") % 1000000 + 1000000) % 1000000) // 1000000 AS seconds,
  strftime("at", '%Y-%m-%dT%H:%M:%S') AS text, DATE '1970-01-01' - day AS days, last_day(day) AS month_end, "at" - INTERVAL 1 SECOND AS "before"
FROM d
