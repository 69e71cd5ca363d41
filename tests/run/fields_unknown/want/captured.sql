WITH j AS (SELECT json AS j FROM read_ndjson_objects('events.ndjson')),
e AS (
  SELECT (j ->> 'id')::INTEGER AS id, j ->> 'kind' AS kind, j ->> 'color' AS color, try_cast(j ->> '$.size.w' AS INTEGER) AS size,
    nullif(concat_ws(',', CASE WHEN json_exists(j, '$.color') THEN '"color":' || (j -> 'color')::VARCHAR END, CASE WHEN json_exists(j, '$.size') THEN '"size":' || (j -> 'size')::VARCHAR END), '') AS rest
  FROM j
)
SELECT id, kind, '{' || rest || '}' AS rest, color, size FROM e
