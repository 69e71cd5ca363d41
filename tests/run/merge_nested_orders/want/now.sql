WITH c AS (
  SELECT *, false AS was FROM read_json('first.ndjson', columns = {id: 'BIGINT', tags: 'VARCHAR[]', rates: 'MAP(VARCHAR, DECIMAL(8, 2))', home: 'STRUCT(city VARCHAR, spots STRUCT(x INTEGER, y DOUBLE)[])', part: 'VARCHAR', "at": 'TIMESTAMPTZ', pass: 'INTEGER'})
  UNION ALL
  SELECT *, true FROM read_json('second.ndjson', columns = {id: 'BIGINT', tags: 'VARCHAR[]', rates: 'MAP(VARCHAR, DECIMAL(8, 2))', home: 'STRUCT(city VARCHAR, spots STRUCT(x INTEGER, y DOUBLE)[])', part: 'VARCHAR', "at": 'TIMESTAMPTZ', pass: 'INTEGER'})
)
SELECT * EXCLUDE (was) REPLACE (map_entries(rates) AS rates) FROM (FROM c QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at" DESC, pass DESC NULLS LAST) = 1)
WHERE NOT (was AND pass IS NOT DISTINCT FROM 99)
