WITH r AS (
  SELECT row_number() OVER () AS n, *
  FROM read_json('readings.ndjson', columns = {place: 'VARCHAR', a: 'INTEGER', b: 'DECIMAL(7,3)', c: 'DOUBLE', t: 'TIMESTAMPTZ', d: 'DATE', ok: 'BOOLEAN', e: 'VARCHAR'})
), f AS (SELECT e, min(n) AS n FROM r WHERE a IS NULL AND b IS NULL AND e IS NOT NULL GROUP BY e)
SELECT count(*) AS n, sum(a)::BIGINT AS a, max(b) AS b, bool_and(ok) AS ok, min(e) AS e, (SELECT list(e ORDER BY n) FROM f) AS list_of_e
FROM r WHERE a IS NULL AND b IS NULL
