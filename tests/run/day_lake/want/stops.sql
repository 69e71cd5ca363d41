WITH t AS (SELECT * FROM read_parquet('trips/*.parquet')),
s AS (SELECT id, ts, coalesce(zone, 'none') AS zone, km, fare, riders, stops FROM t WHERE km >= 0)
SELECT stop, count(*) AS visits, count(DISTINCT id) AS trips, string_agg(zone, '+' ORDER BY ts, id) FILTER (km > 19) AS zones FROM (SELECT *, unnest(stops) AS stop FROM s) WHERE stop <> 'E' GROUP BY stop
