WITH r AS (
  SELECT * REPLACE (CASE WHEN f::DOUBLE = 0 THEN 0 ELSE f::DOUBLE END AS f, from_base64(raw) AS raw)
  FROM read_json('rows.ndjson', columns = {id: 'INTEGER', f: 'VARCHAR', l: 'INTEGER[]', s: 'STRUCT(a VARCHAR, b TINYINT)', d: 'BIGINT', flag: 'BOOLEAN', raw: 'VARCHAR'})
)
SELECT d, flag, raw, count(*) AS n, count(DISTINCT l) AS texts, count(DISTINCT s) AS structs, (sum(id) FILTER (flag))::BIGINT AS sum FROM r GROUP BY d, flag, raw
