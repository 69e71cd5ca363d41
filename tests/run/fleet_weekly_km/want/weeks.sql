WITH o AS (
  SELECT *, lag(km) OVER (PARTITION BY truck ORDER BY ts) AS "before"
  FROM read_csv('odometer.csv', header = false, delim = ';', columns = {truck: 'VARCHAR', km: 'BIGINT', ts: 'TIMESTAMPTZ'})
), d AS (SELECT *, CASE WHEN "before" IS NULL THEN 0 WHEN km >= "before" THEN km - "before" ELSE km END AS driven FROM o)
SELECT date_trunc('week', ts)::DATE AS monday, truck, sum(driven)::BIGINT AS km, count(*) AS readings, count(*) FILTER (km < "before") AS resets,
  weekofyear(date_trunc('week', ts)) AS iso_week, round(sum(driven) / count(*), 3) AS per_reading
FROM d GROUP BY ALL
