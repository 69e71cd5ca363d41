WITH s AS (
  SELECT *, row_number() OVER () AS n FROM read_json('scans.ndjson', columns = {parcel: 'INTEGER', depot: 'VARCHAR', ts: 'TIMESTAMPTZ'})
), l AS (
  SELECT *, lag(depot) OVER w AS from_depot, epoch(ts - lag(ts) OVER w) / 3600 AS hours FROM s WINDOW w AS (PARTITION BY parcel ORDER BY ts, n)
), f AS (SELECT parcel, depot, min((ts, n)) AS first FROM s GROUP BY ALL),
d AS (SELECT parcel, list(depot ORDER BY first) AS different FROM f GROUP BY parcel)
SELECT parcel, string_agg(depot, ' > ' ORDER BY ts, n) AS route, list(depot ORDER BY ts, n) AS depots, any_value(different) AS different, round(max(hours), 6) AS longest,
  first(from_depot ORDER BY hours DESC, ts, n) FILTER (hours IS NOT NULL) AS longest_at, count(*) FILTER (depot <> from_depot) AS moves,
  len(any_value(different)) < count(*) AS came_back, last(depot ORDER BY ts, n) AS ends, list_reverse(list(depot ORDER BY ts, n)) AS turns
FROM l JOIN d USING (parcel) GROUP BY parcel
