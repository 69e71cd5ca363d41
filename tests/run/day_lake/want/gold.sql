WITH t AS (SELECT * FROM read_parquet('trips/*.parquet')),
s AS (SELECT id, ts, coalesce(zone, 'none') AS zone, km, fare, riders, stops FROM t WHERE km >= 0)
SELECT zone, ts::DATE AS day, count(*) AS trips, sum(fare)::DECIMAL(18,2) AS fares, sum(riders)::BIGINT AS riders, count(*) FILTER (riders > 1) AS shared,
  max(km) FILTER (riders IS NOT NULL) AS far, first(id ORDER BY fare DESC, ts, id) AS busiest, ((2 * (sum(fare) * 100)::HUGEINT + count(*)) // (2 * count(*)) / 100.0)::DECIMAL(10,2) AS per_trip FROM s GROUP BY ALL
