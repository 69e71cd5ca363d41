SELECT parcel::bigint AS parcel, depot, state, weight::decimal(6,2) AS weight, ts::timestamptz AS ts,
       date_trunc('day', ts::timestamptz) AS day, 'in/' || regexp_extract(filename, '[^/]+$') AS file
FROM read_json('in/*.ndjson', format = 'newline_delimited', filename = true, ignore_errors = true,
               columns = {parcel: 'bigint', depot: 'varchar', state: 'varchar', weight: 'varchar', ts: 'varchar'})
WHERE parcel IS NOT NULL AND depot IS NOT NULL AND weight::decimal(6,2) > 0
