WITH p AS (FROM read_json('people.ndjson', columns = {id: 'INTEGER', first: 'VARCHAR', last: 'VARCHAR'})), f AS (SELECT *, trim(first || ' ' || coalesce(last, '')) AS "full" FROM p)
SELECT id, "full", replace(replace(upper("full"), 'ẞ', 'SS'), 'ﬁ', 'FI') AS upper, regexp_replace(lower("full"), 'σ$', 'ς') AS lower, length("full") AS length, left(first, 1) || coalesce(left(last, 1), '') AS initials,
  array_to_string(list_reverse(string_split(first, '')), '') AS back, lpad(first, 6, '·') AS padded, rpad(first, 3, '*') AS cut, position('ö' IN "full")::BIGINT AS place,
  length("full") > 8 AS is_long, upper(hex(encode(first))) AS code, regexp_matches("full", '[äöüÄÖÜ]') AS has_umlaut, first LIKE 'Ö%' OR first LIKE '%😀' AS begins
FROM f
