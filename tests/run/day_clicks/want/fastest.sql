WITH RECURSIVE c AS (SELECT row_number() OVER () AS n, * REPLACE (strptime("day", '%d.%m.%Y')::DATE AS "day") FROM read_json('clicks.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', user: 'VARCHAR', page: 'VARCHAR', ms: 'INTEGER', day: 'VARCHAR', agent: 'VARCHAR', ts: 'TIMESTAMPTZ'}))
SELECT CASE WHEN page LIKE '/item/%' THEN 'item' ELSE regexp_extract(page, '^/(\w*)', 1) END AS section, id, ms FROM c WHERE user IS NOT NULL
  QUALIFY row_number() OVER (PARTITION BY section ORDER BY coalesce(ms, 1000), ts, n) <= 3
