WITH c AS (FROM read_json('crashes.ndjson', columns = {id: 'BIGINT', trace: 'VARCHAR'})),
s AS (
  SELECT id, split_part(trace, chr(10), 1) AS head,
    list_filter(list_transform(string_split(trace, chr(10)), lambda l: trim(l, ' ')), lambda l: l LIKE 'at %') AS frames
  FROM c
)
SELECT id, split_part(head, ': ', 1) AS kind, CASE WHEN position(': ' IN head) > 0 THEN substr(head, position(': ' IN head) + 2) END AS what,
  len(frames) AS depth, substr(frames[1], 4) AS where_it_was, list_transform(frames[1:3], lambda f: regexp_extract(f, '^at ([a-z0-9.]+)', 1)) AS top_three,
  len(list_filter(frames, lambda f: f LIKE '%shop.%')) AS ours
FROM s WHERE len(frames) > 0
