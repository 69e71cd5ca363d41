WITH l AS (FROM read_csv('in/*.ndjson', header = false, auto_detect = false, delim = '\t', quote = '', columns = {line: 'VARCHAR'})),
p AS (SELECT *, CASE WHEN json_valid(line) THEN line::JSON END AS j FROM l),
v AS (SELECT *, (j ->> 'id')::INTEGER AS id, try_cast(j ->> 'a' AS INTEGER) AS a, (j ->> 'b')::INTEGER AS b, j -> 'tags' AS tags FROM p),
g AS (FROM v WHERE a <> 13 AND b IS NOT NULL),
s AS (SELECT b, count(*) AS n, sum(a)::BIGINT AS a FROM g GROUP BY b)
SELECT id, a // b AS quotient, tags ->> 0 AS first_tag FROM g WHERE b <> 0 AND json_array_length(tags) > 0
