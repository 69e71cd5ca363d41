WITH s AS (FROM read_json('searches.ndjson', columns = {id: 'BIGINT', text: 'VARCHAR', results: 'INTEGER'})), w AS (SELECT id, results, unnest(regexp_extract_all(lower(text), '[\p{L}\p{N}]+')) AS word FROM s)
SELECT word, count(DISTINCT id) AS searches, sum(results)::BIGINT AS found, count(*) FILTER (results = 0) AS nothing
FROM w WHERE length(word) > 1 AND word NOT IN ('the', 'und', 'for') GROUP BY word HAVING count(DISTINCT id) > 1
