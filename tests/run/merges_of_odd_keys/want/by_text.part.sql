WITH c AS (
  SELECT * REPLACE (from_base64(raw) AS raw, CASE WHEN f::DOUBLE = 0 THEN 0 ELSE f::DOUBLE END AS f)
  FROM read_json('in/*.ndjson', columns = {d: 'DECIMAL(20,4)', "at": 'TIMESTAMPTZ', raw: 'VARCHAR', t: 'VARCHAR', f: 'VARCHAR', tags: 'VARCHAR[]', info: 'STRUCT(a INTEGER, b MAP(VARCHAR, INTEGER))', part: 'VARCHAR', n: 'BIGINT', gone: 'BOOLEAN'})
)
SELECT f, t, n, t || '/' || part AS label FROM (FROM c QUALIFY row_number() OVER (PARTITION BY t, f ORDER BY n DESC) = 1) WHERE NOT coalesce(gone, false)
