SELECT DISTINCT kind, value, tags, ts
FROM read_json('events.ndjson', columns = {kind: 'VARCHAR', value: 'DECIMAL(6,2)', tags: 'VARCHAR[]', ts: 'TIMESTAMPTZ'})
