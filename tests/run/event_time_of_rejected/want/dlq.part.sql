WITH v AS (FROM read_json('visits.ndjson', columns = {id: 'INTEGER', k: 'INTEGER', parts: 'INTEGER[]', seen: 'TIMESTAMPTZ'}))
SELECT 'behind_join' AS flow, seen AS event_time
FROM v JOIN read_csv('divisors.csv', header = true, columns = {k: 'INTEGER', by_what: 'INTEGER'}) AS d ON v.k = d.k WHERE by_what = 0
UNION ALL SELECT 'behind_unnest', seen FROM (SELECT seen, unnest(parts) AS p FROM v) WHERE p = 0
UNION ALL SELECT 'behind_union', seen FROM v, range(2) WHERE k = 0
