WITH e AS (SELECT *, json_valid(payload) AS is_json FROM read_json('events.ndjson', columns = {id: 'BIGINT', kind: 'VARCHAR', payload: 'VARCHAR'}))
SELECT id, kind, payload ->> '$.plan.name' AS plan, try_cast(payload ->> '$.plan.price' AS DECIMAL(8, 2)) AS price, payload ->> '$.tags[1]' AS second_tag,
  nullif(payload -> '$.tags', 'null')::VARCHAR AS tags, coalesce((payload -> '$.user') <> 'null', false) AS has_user
FROM e WHERE kind <> 'ping' AND is_json
