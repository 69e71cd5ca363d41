WITH t AS (SELECT * FROM read_parquet('trips/*.parquet')),
s AS (SELECT id, ts, coalesce(zone, 'none') AS zone, km, fare, riders, stops FROM t WHERE km >= 0)
SELECT id, zone, fare, riders FROM s WHERE riders IS NOT NULL AND fare >= 30
