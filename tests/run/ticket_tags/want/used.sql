WITH t AS (FROM read_json('tickets.ndjson', columns = {id: 'INTEGER', tags: 'VARCHAR[]', "groups": 'VARCHAR[][]', scores: 'DECIMAL(5,2)[]'})), u AS (SELECT id, unnest(tags) AS tag FROM t)
SELECT lower(trim(tag)) AS tag, count(DISTINCT id) AS tickets, count(*) AS uses FROM u WHERE tag IS NOT NULL GROUP BY lower(trim(tag))
