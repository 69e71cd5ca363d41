WITH old AS (SELECT id, day::DATE AS day, city, amount::DECIMAL(10, 2) AS amount FROM 'old.ndjson'),
new AS (SELECT id, day::DATE AS day, upper(city) AS city, amount::DECIMAL(10, 2) AS amount FROM 'new.ndjson')
SELECT * FROM old WHERE id % 2 <> 0
UNION ALL
SELECT * FROM new WHERE id % 2 = 0
