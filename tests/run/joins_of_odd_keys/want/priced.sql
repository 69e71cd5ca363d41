WITH s AS (SELECT * REPLACE (weight::DOUBLE AS weight) FROM read_json('sales.ndjson', columns = {id: 'INTEGER', article: 'INTEGER', size: 'VARCHAR', weight: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
a AS (FROM read_csv('articles.csv', header = true, columns = {number: 'INTEGER', size: 'VARCHAR', name: 'VARCHAR'}))
SELECT id, name, factor, class
FROM s LEFT JOIN a ON article * 10 = number AND s.size = a.size
LEFT JOIN read_csv('days.csv', header = true, columns = {day: 'DATE', factor: 'DOUBLE'}) AS d ON "at"::DATE = day
LEFT JOIN (SELECT kg::DOUBLE AS kg, class FROM read_json('weights.ndjson', columns = {kg: 'VARCHAR', class: 'VARCHAR'})) AS w ON weight = kg
