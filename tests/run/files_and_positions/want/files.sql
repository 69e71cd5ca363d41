WITH h AS (
  SELECT *, regexp_extract(filename, 'in/.*$') AS file
  FROM read_csv('in/*/hits*.ndjson', header = false, auto_detect = false, delim = '\t', quote = '', columns = {line: 'VARCHAR'}, filename = true)
), n AS (SELECT *, row_number() OVER (PARTITION BY file) AS n FROM h),
p AS (
  SELECT file, n, line::JSON ->> 'page' AS page, (line::JSON ->> 'ms')::INTEGER AS ms, coalesce(sum(strlen(line) + 1) OVER (PARTITION BY file ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS position
  FROM n
)
SELECT regexp_extract(file, 'day=([0-9-]+)', 1) AS day, count(*) AS hits, first(page ORDER BY file, n) AS first_page, last(page ORDER BY file, n) AS last_page, max(ms) AS slow FROM p GROUP BY day
