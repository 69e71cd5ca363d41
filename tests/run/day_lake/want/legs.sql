WITH t AS (SELECT * FROM read_parquet('trips/*.parquet')),
s AS (SELECT id, ts, coalesce(zone, 'none') AS zone, km, fare, riders, stops FROM t WHERE km >= 0)
SELECT id, len(stops) AS n, stops[1] AS first, stops[-1] AS last, CASE WHEN len(stops) > 1 THEN stops[1:2] ELSE [] END AS leg, stops[1] = stops[-1] AND len(stops) > 1 AS is_round, {'from': stops[1], 'to': stops[-1]} AS path FROM s WHERE len(stops) > 0
