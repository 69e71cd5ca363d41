WITH s AS (FROM read_json('shapes.ndjson', columns = {id: 'INTEGER', name: 'VARCHAR', scale: 'INTEGER', points: 'STRUCT(x INTEGER, y INTEGER)[]', rows: 'INTEGER[][]'}))
SELECT id, list_transform(points, lambda p: {x: p.x * scale, y: coalesce(p.y, 0) * scale}) AS scaled,
  len(list_filter(points, lambda p: len(list_filter(points, lambda q: abs(q.x - p.x) > scale)) > 0)) AS far,
  list_transform(rows, lambda r: list_transform(r, lambda c: coalesce(c, 0) + len(r) * scale)) AS "table",
  list_transform(rows, lambda r: coalesce(list_sum(list_transform(r, lambda c: coalesce(c, -1))), 0)::BIGINT) AS row_sums,
  coalesce(list_sum(flatten(rows)), 0)::BIGINT * scale AS grand, len(list_filter(flatten(rows), lambda c: c IS NULL)) = 0 AS all_known,
  list_transform(points, lambda p: coalesce(name, '?') || p.x::VARCHAR) AS names,
  list_max(list_transform(points, lambda p: p.x)) - list_min(list_transform(points, lambda p: p.x)) AS width, points[-1].y AS last_point,
  len(list_filter(flatten(rows), lambda c: c IS NULL)) > 0 AS has_null, list_sort(list_transform(points, lambda p: p.y), 'ASC', 'NULLS FIRST') AS sorted
FROM s
