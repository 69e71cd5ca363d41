WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', a: 'INTEGER', b: 'INTEGER', text: 'VARCHAR', list: 'INTEGER[]'}))
SELECT id, coalesce(10 // nullif(a, 0) > 1, false) AS and_guard, coalesce(10 // nullif(a, 0) > 1, true) AS or_guard, coalesce(b, 10 // nullif(a, 0)) AS filled, coalesce(10 // nullif(a, 0), 0) AS chosen,
  CASE WHEN regexp_full_match(text, '\d+') THEN try_cast(text AS INTEGER) WHEN a = 0 THEN -1 ELSE 20 // nullif(a, 0) END AS cased,
  len(list_filter(list, lambda x: 10 // nullif(x, 0) > 4)) > 0 AS any_big, list_transform(list, lambda x: 10 // nullif(x, 0)) AS safe,
  a = 0 OR len(list_filter(list, lambda x: 10 // nullif(x, 0) >= 20 // nullif(a, 0))) = 0 AS all_small
FROM r WHERE b IS NOT NULL OR a <> 0
