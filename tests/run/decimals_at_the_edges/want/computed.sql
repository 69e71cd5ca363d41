WITH a AS (
  SELECT id, a::DECIMAL(38, 0) AS a, b::DECIMAL(38, 10) AS b, c::DECIMAL(5, 3) AS c, d::DECIMAL(18, 6) AS d
  FROM (SELECT (j ->> 'id')::INTEGER AS id, j ->> 'a' AS a, j ->> 'b' AS b, j ->> 'c' AS c, j ->> 'd' AS d FROM (SELECT regexp_replace(line, '"a":(-?[0-9]+)', '"a":"\1"')::JSON AS j FROM read_csv('amounts.ndjson', header = false, auto_detect = false, delim = '\t', quote = '', columns = {line: 'VARCHAR'})))
)
SELECT id, a, b, (c * c)::DECIMAL(11, 6) AS product, round(c, 1)::DECIMAL(4, 1) AS rounded, round(c, 1)::DECIMAL(3, 1) AS cast_down, trunc(c)::INTEGER AS whole,
  ceil(d)::DECIMAL(13, 0) AS up, floor(d)::DECIMAL(13, 0) AS down, round(d, 2)::DECIMAL(18, 2) AS half, -c AS negated,
  ((d * 1000000)::BIGINT % 250000 * 0.000001::DECIMAL(7, 6))::DECIMAL(8, 6) AS rest, least(c, 1.5)::DECIMAL(5, 3) AS least, c = 0.5 AS is_half
FROM a
