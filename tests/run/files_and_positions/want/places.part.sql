WITH h AS (
  SELECT *, regexp_extract(filename, 'in/.*$') AS file
  FROM read_csv('in/*/hits*.ndjson', header = false, auto_detect = false, delim = '\t', quote = '', columns = {line: 'VARCHAR'}, filename = true)
), n AS (SELECT *, row_number() OVER (PARTITION BY file) AS n FROM h),
p AS (
  SELECT file, n, line::JSON ->> 'page' AS page, (line::JSON ->> 'ms')::INTEGER AS ms, coalesce(sum(strlen(line) + 1) OVER (PARTITION BY file ORDER BY n ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)::BIGINT AS position
  FROM n
)
SELECT page, ms, file, position, 'hits' AS source, file AS part FROM p
