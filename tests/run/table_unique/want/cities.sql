WITH o AS (SELECT row_number() OVER () AS n, * FROM read_json('old.ndjson', columns = {id: 'BIGINT', email: 'VARCHAR', city: 'VARCHAR', joined: 'TIMESTAMPTZ'})),
i AS (SELECT row_number() OVER () AS n, * FROM read_json('new.ndjson', columns = {id: 'BIGINT', email: 'VARCHAR', city: 'VARCHAR', joined: 'TIMESTAMPTZ', gone: 'BOOLEAN'}))
SELECT email, most FROM (SELECT email, count(*) AS most FROM i GROUP BY email) QUALIFY row_number() OVER (PARTITION BY most ORDER BY email NULLS FIRST) = 1
