WITH old AS (SELECT id, day::DATE AS day, city, amount::DECIMAL(10, 2) AS amount, tags::VARCHAR[] AS tags FROM 'old.ndjson'),
new AS (SELECT id, day::DATE AS day, city, amount::DECIMAL(10, 2) AS amount, tags::VARCHAR[] AS tags FROM 'new.ndjson')
SELECT * FROM old WHERE (amount > 50 OR city = 'Rome') IS NOT TRUE
UNION ALL
SELECT * FROM new WHERE (amount > 50 OR city = 'Rome') IS TRUE
