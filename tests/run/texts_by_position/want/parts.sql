WITH r AS (SELECT *, greatest(n, 1) AS p FROM read_json('rows.ndjson', columns = {id: 'INTEGER', t: 'VARCHAR', n: 'BIGINT'}))
SELECT id, substr(t, p) AS from_n, substr(t, p, 2) AS two_from_n, CASE WHEN n <= 0 AND t IS NOT NULL THEN '' ELSE lpad(t, n::INTEGER, 'xy') END AS "left",
  CASE WHEN n <= 0 AND t IS NOT NULL THEN '' ELSE rpad(t, n::INTEGER, ' ') END AS "right", repeat(t, greatest(n, 0)) AS repeated, position('a' IN t)::BIGINT AS first,
  CASE WHEN position('a' IN substr(t, p)) = 0 THEN 0 ELSE position('a' IN substr(t, p)) + p - 1 END AS next,
  CASE WHEN n >= 0 THEN string_split(t, ' ')[n + 1] END AS word, len(string_split(t, ' ')) AS words, t || '-' || n::VARCHAR AS joined,
  '[' || trim(t, ' ') || '|' || ltrim(t, ' ') || '|' || rtrim(t, ' ') || ']' AS trimmed, replace(t, 'a', '') AS no_a, translate(t, 'abn', 'AB') AS mapped,
  array_to_string(list_transform(string_split(lower(t), ' '), lambda w: upper(left(w, 1)) || substr(w, 2)), ' ') AS titled, t LIKE '%an%' AND t NOT LIKE '%n' AS has,
  levenshtein(translate(t, 'öäü', 'xyz'), 'banana') AS distance, repeat('*', greatest(length(t) - 3, 0)) || right(t, 3) AS last_three
FROM r
