WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', a: 'INTEGER', b: 'INTEGER', text: 'VARCHAR', list: 'INTEGER[]'}))
SELECT id % 3 AS k, (sum(10 // nullif(a, 0)) FILTER (a <> 0))::BIGINT AS q, count(*) FILTER (a = 0 OR 10 // nullif(a, 0) > 3) AS n, (sum(try_cast(text AS BIGINT)) FILTER (regexp_full_match(text, '\d+')))::BIGINT AS numbers
FROM r GROUP BY k
