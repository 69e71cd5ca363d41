WITH o AS (SELECT row_number() OVER () AS n, * FROM read_json('old.ndjson', columns = {id: 'BIGINT', email: 'VARCHAR', city: 'VARCHAR', joined: 'TIMESTAMPTZ'})),
i AS (SELECT row_number() OVER () AS n, * FROM read_json('new.ndjson', columns = {id: 'BIGINT', email: 'VARCHAR', city: 'VARCHAR', joined: 'TIMESTAMPTZ', gone: 'BOOLEAN'})),
stored AS (SELECT id, email, city, joined FROM o QUALIFY row_number() OVER (PARTITION BY id ORDER BY joined DESC) = 1),
f AS (SELECT *, first(id) OVER (PARTITION BY email ORDER BY n) AS owner FROM i WHERE NOT gone),
p AS (
  SELECT id, email, city, joined, false AS gone FROM f
  WHERE email IS NULL
     OR CASE WHEN email IN (SELECT email FROM stored WHERE email IS NOT NULL)
             THEN EXISTS (FROM stored s WHERE s.email = f.email AND s.id = f.id) ELSE id = owner END
  UNION ALL SELECT id, email, city, joined, true FROM i WHERE gone
  UNION ALL SELECT id, email, city, joined, false FROM stored
)
SELECT id, email, city, joined FROM (FROM p QUALIFY row_number() OVER (PARTITION BY id ORDER BY joined DESC) = 1) WHERE NOT gone
