WITH RECURSIVE c AS (SELECT row_number() OVER () AS n, * REPLACE (strptime("day", '%d.%m.%Y')::DATE AS "day") FROM read_json('clicks.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', user: 'VARCHAR', page: 'VARCHAR', ms: 'INTEGER', day: 'VARCHAR', agent: 'VARCHAR', ts: 'TIMESTAMPTZ'}))
SELECT id, nullif(regexp_extract(page, '\?([^#]*)', 1), '') AS query, regexp_extract(page, '^[^?#]*') AS path, nullif(regexp_extract(page, '#(.*)', 1), '') AS ref,
  hex(encode(agent)) AS bytes, substr(sha256(agent || page), 1, 8) AS digest, regexp_split_to_array(page, '[/?#]') AS parts, length(regexp_replace(agent, '[^aeioué]', '', 'g')) AS vowels,
  translate(agent, '/() ', '_[]') AS back, rpad(coalesce(user, '-'), 4, '.') || '|' AS wide, CASE WHEN length(page) < 3 THEN page ELSE right(page, 3) END AS tail,
  page LIKE '%ad' OR agent LIKE 'B_t/%' AS like_ad, length(agent) * 2 + strpos(agent, 'é') AS long FROM c
