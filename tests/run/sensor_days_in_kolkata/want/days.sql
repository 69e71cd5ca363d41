WITH r AS (
  SELECT *, "at" AT TIME ZONE 'Asia/Kolkata' AS local
  FROM read_json('readings.ndjson', columns = {room: 'VARCHAR', humidity: 'DECIMAL(4,1)', "at": 'TIMESTAMPTZ'})
)
SELECT local::DATE AS day, room, count(*) AS readings, min(humidity) AS least, max(humidity) AS most, first("at" ORDER BY humidity DESC, "at") AS damp_at,
  count(*) FILTER (hour(local) < 6) AS nights, isodow(local::DATE) AS weekday
FROM r GROUP BY local::DATE, room
