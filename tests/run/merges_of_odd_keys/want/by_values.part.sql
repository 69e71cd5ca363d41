WITH c AS (
  SELECT * REPLACE (from_base64(raw) AS raw, CASE WHEN f::DOUBLE = 0 THEN 0 ELSE f::DOUBLE END AS f)
  FROM read_json('in/*.ndjson', columns = {d: 'DECIMAL(20,4)', "at": 'TIMESTAMPTZ', raw: 'VARCHAR', t: 'VARCHAR', f: 'VARCHAR', tags: 'VARCHAR[]', info: 'STRUCT(a INTEGER, b MAP(VARCHAR, INTEGER))', part: 'VARCHAR', n: 'BIGINT', gone: 'BOOLEAN'})
)
SELECT d, "at", raw, tags, part, n, info.a AS a, info.b['x'] AS x FROM c QUALIFY row_number() OVER (PARTITION BY d, "at", raw ORDER BY n DESC) = 1
