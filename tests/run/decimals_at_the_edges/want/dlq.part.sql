WITH a AS (
  SELECT id, a::DECIMAL(38, 0) AS a, b::DECIMAL(38, 10) AS b, c::DECIMAL(5, 3) AS c, d::DECIMAL(18, 6) AS d
  FROM (SELECT (j ->> 'id')::INTEGER AS id, j ->> 'a' AS a, j ->> 'b' AS b, j ->> 'c' AS c, j ->> 'd' AS d FROM (SELECT regexp_replace(line, '"a":(-?[0-9]+)', '"a":"\1"')::JSON AS j FROM read_csv('amounts.ndjson', header = false, auto_detect = false, delim = '\t', quote = '', columns = {line: 'VARCHAR'})))
)
SELECT 'doubled' AS flow, 'expression' AS class, 'X004' AS code FROM a WHERE abs(a) >= 50000000000000000000000000000000000000
