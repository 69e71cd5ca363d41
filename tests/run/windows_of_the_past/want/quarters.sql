WITH d AS (FROM read_json('deeds.ndjson', columns = {id: 'INTEGER', what: 'VARCHAR', "at": 'TIMESTAMPTZ', day: 'DATE'}))
SELECT date_trunc('quarter', "at")::DATE AS quarter, count(*) AS deeds, first(what ORDER BY "at", id) AS first_one FROM d GROUP BY quarter
