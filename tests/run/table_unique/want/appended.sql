WITH o AS (SELECT row_number() OVER () AS n, * FROM read_json('old.ndjson', columns = {id: 'BIGINT', email: 'VARCHAR', city: 'VARCHAR', joined: 'TIMESTAMPTZ'})),
i AS (SELECT row_number() OVER () AS n, * FROM read_json('new.ndjson', columns = {id: 'BIGINT', email: 'VARCHAR', city: 'VARCHAR', joined: 'TIMESTAMPTZ', gone: 'BOOLEAN'})),
f AS (SELECT *, row_number() OVER (PARTITION BY email ORDER BY n) AS place FROM i WHERE NOT gone)
SELECT id, email, city, joined FROM o
UNION ALL SELECT id, email, city, joined FROM f WHERE email IS NULL OR (place = 1 AND email NOT IN (SELECT email FROM o WHERE email IS NOT NULL))
