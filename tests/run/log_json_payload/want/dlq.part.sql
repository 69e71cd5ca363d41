WITH e AS (SELECT *, json_valid(payload) AS is_json FROM read_json('events.ndjson', columns = {id: 'BIGINT', kind: 'VARCHAR', payload: 'VARCHAR'}))
SELECT 'expression' AS class, 'parts' AS flow FROM e WHERE kind <> 'ping' AND NOT is_json
