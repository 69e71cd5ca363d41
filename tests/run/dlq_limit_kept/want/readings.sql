SELECT id, celsius, 100 // celsius AS ratio FROM read_json('in/*.ndjson', columns = {id: 'BIGINT', celsius: 'BIGINT'})
WHERE celsius BETWEEN -60 AND 60 AND celsius <> 0
