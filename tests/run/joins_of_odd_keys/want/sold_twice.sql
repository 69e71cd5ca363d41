WITH s AS (SELECT * REPLACE (weight::DOUBLE AS weight) FROM read_json('sales.ndjson', columns = {id: 'INTEGER', article: 'INTEGER', size: 'VARCHAR', weight: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
a AS (FROM read_csv('articles.csv', header = true, columns = {number: 'INTEGER', size: 'VARCHAR', name: 'VARCHAR'}))
SELECT article, count(*) AS n, list_sort(coalesce(list(DISTINCT size) FILTER (size IS NOT NULL), [])) AS sizes
FROM s WHERE article * 10 IN (SELECT number FROM a WHERE name <> 'none' AND length(name) > 3) GROUP BY article
