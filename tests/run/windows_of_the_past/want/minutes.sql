WITH d AS (FROM read_json('deeds.ndjson', columns = {id: 'INTEGER', what: 'VARCHAR', "at": 'TIMESTAMPTZ', day: 'DATE'}))
SELECT make_timestamptz((floor((epoch_us("at") - 90000000) / 420000000)::BIGINT * 420000000 + 90000000)::BIGINT) AS window_start, window_start + INTERVAL 7 MINUTES AS window_end, count(*) AS deeds
FROM d WHERE year("at") BETWEEN 1900 AND 2000 GROUP BY ALL
