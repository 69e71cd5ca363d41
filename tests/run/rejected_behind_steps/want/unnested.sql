WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', k: 'INTEGER', parts: 'INTEGER[]', text: 'VARCHAR'})),
j AS (SELECT id, by_what FROM r JOIN read_csv('divisors.csv', header = true, columns = {k: 'INTEGER', by_what: 'INTEGER'}) AS d ON r.k = d.k),
u AS (SELECT id, unnest(parts) AS p FROM r),
n AS (SELECT *, try_cast(text AS INTEGER) AS number, row_number() OVER (PARTITION BY k ORDER BY id) AS n FROM r)
SELECT id, p FROM u WHERE 12 % nullif(p, 0) = 0
