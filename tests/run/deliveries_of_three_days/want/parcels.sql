WITH scans AS (
  SELECT parcel::bigint AS parcel, depot, state, ts::timestamptz AS ts
  FROM read_json('in/*.ndjson', format = 'newline_delimited', ignore_errors = true,
                 columns = {parcel: 'bigint', depot: 'varchar', state: 'varchar', weight: 'varchar', ts: 'varchar'})
  WHERE parcel IS NOT NULL AND depot IS NOT NULL AND weight::decimal(6,2) > 0
), newest AS (
  SELECT * FROM scans QUALIFY row_number() OVER (PARTITION BY parcel ORDER BY ts DESC) = 1
)
SELECT parcel, state, coalesce(name, 'unknown') AS depot, ts
FROM newest LEFT JOIN 'depots.csv' AS d USING (depot)
WHERE state <> 'returned'
