WITH s AS (FROM read_json('searches.ndjson', columns = {id: 'BIGINT', text: 'VARCHAR', results: 'INTEGER'})), t AS (SELECT id, trim(text) AS text, levenshtein(lower(trim(text)), 'tea pot') AS distance FROM s)
SELECT id, translate(array_to_string(list_transform(string_split(text, ' '), lambda w: upper(left(w, 1)) || lower(substr(w, 2))), ' '), 'Pp', 'Bb') AS clean, distance
FROM t WHERE distance <= 3
