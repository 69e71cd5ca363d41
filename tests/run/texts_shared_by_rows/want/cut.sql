WITH n AS (FROM read_json('in/*.ndjson', columns = {id: 'INTEGER', text: 'VARCHAR', title: 'VARCHAR', cuts: 'BIGINT[]'})),
u AS (SELECT id, text, title, unnest(cuts) AS cut FROM n)
SELECT id, cut, title, text, text[1:cut] AS head, text[cut:] AS tail FROM u
