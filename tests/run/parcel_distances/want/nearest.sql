WITH p AS (FROM read_csv('parcels.csv', header = true, columns = {id: 'INTEGER', lat: 'DOUBLE', lon: 'DOUBLE', grams: 'INTEGER'})),
d AS (FROM read_csv('depots.csv', header = true, columns = {depot: 'VARCHAR', region: 'VARCHAR', lat: 'DOUBLE', lon: 'DOUBLE'})),
n AS (
  SELECT id, depot, grams,
    round(2 * 6371.0088::DOUBLE * asin(sqrt(sin(radians(d.lat - p.lat) / 2) ^ 2 + cos(radians(p.lat)) * cos(radians(d.lat)) * sin(radians(d.lon - p.lon) / 2) ^ 2)), 3) AS km
  FROM p JOIN d ON region = CASE WHEN p.lat > 50 THEN 'n' ELSE 's' END
  QUALIFY row_number() OVER (PARTITION BY id ORDER BY km) = 1
)
SELECT id, depot, km, grams FROM n
