WITH c AS (SELECT *, "at" AT TIME ZONE 'America/New_York' AS local FROM read_csv('calls.csv', header = true, columns = {id: 'INTEGER', line: 'VARCHAR', "at": 'TIMESTAMPTZ'}))
SELECT local::DATE - dayofweek(local)::INTEGER AS sunday, count(*) AS calls, min("at") AS first_call FROM c GROUP BY sunday
