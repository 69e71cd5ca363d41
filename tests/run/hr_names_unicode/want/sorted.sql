WITH p AS (FROM read_json('people.ndjson', columns = {id: 'INTEGER', first: 'VARCHAR', last: 'VARCHAR'}))
SELECT min(first) AS least, max(first) AS most, count(DISTINCT first) AS kinds, string_agg(first, '|' ORDER BY id) AS "all" FROM p
