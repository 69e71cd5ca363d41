WITH t AS (FROM read_json('tickets.ndjson', columns = {id: 'INTEGER', tags: 'VARCHAR[]', "groups": 'VARCHAR[][]', scores: 'DECIMAL(5,2)[]'})), c AS (SELECT *, list_sort(list_distinct(list_transform(list_filter(tags, lambda t: trim(t) <> ''), lambda t: lower(trim(t))))) AS clean FROM t)
SELECT id, clean, len(clean) AS n, list_contains(clean, 'bug') AS has_bug, len(list_filter(clean, lambda t: length(t) > 3)) = 0 AS only_short, clean[3] AS third,
  CASE WHEN len(clean) < 2 THEN [] ELSE clean[-2:] END AS last_two, flatten("groups") AS all_groups, list_transform("groups", lambda g: len(g)) AS pairs, array_to_string(clean, ',') AS joined,
  list_min(scores) AS least, list_sum(scores) AS total, len(list_filter(scores, lambda s: s >= 2.5)) AS good
FROM c
