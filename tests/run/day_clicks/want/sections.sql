WITH RECURSIVE c AS (SELECT row_number() OVER () AS n, * REPLACE (strptime("day", '%d.%m.%Y')::DATE AS "day") FROM read_json('clicks.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', user: 'VARCHAR', page: 'VARCHAR', ms: 'INTEGER', day: 'VARCHAR', agent: 'VARCHAR', ts: 'TIMESTAMPTZ'}))
SELECT CASE WHEN page LIKE '/item/%' THEN 'item' ELSE regexp_extract(page, '^/(\w*)', 1) END AS section, month("day")::INTEGER AS month, count(*) AS n, count(DISTINCT user) AS users,
  quantile_cont(ms::DOUBLE, 0.5) AS p50, quantile_cont(ms::DOUBLE, 0.95) AS p95, count(*) FILTER (ms > 200) / count(ms) AS slow,
  list_sort(list(DISTINCT nullif(regexp_extract(agent, '^(\w+)/', 1), '')) FILTER (regexp_matches(agent, '^(\w+)/'))) AS agents,
  round(round(count(*) FILTER (ms > 200) / count(ms), 6)::DECIMAL(9,6) * count(*)::DECIMAL(9,0), 2)::DECIMAL(27,2) AS score FROM c GROUP BY 1, 2
