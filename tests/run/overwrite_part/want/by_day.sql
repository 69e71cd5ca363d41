WITH old AS (SELECT id, day::DATE AS day, city, amount::DECIMAL(10, 2) AS amount, tags::VARCHAR[] AS tags FROM 'old.ndjson'),
new AS (SELECT id, day::DATE AS day, city, amount::DECIMAL(10, 2) AS amount, tags::VARCHAR[] AS tags FROM 'new.ndjson')
SELECT * FROM old WHERE (day >= DATE '2026-01-02') IS NOT TRUE
UNION ALL
SELECT * FROM new WHERE (day >= DATE '2026-01-02') IS TRUE
