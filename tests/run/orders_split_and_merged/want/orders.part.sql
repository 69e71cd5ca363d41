WITH w AS (FROM read_json('web.ndjson', columns = {id: 'VARCHAR', state: 'VARCHAR', total: 'DECIMAL(9,2)', "at": 'TIMESTAMPTZ'})),
s AS (FROM read_csv('shop.csv', header = true, columns = {clerk: 'VARCHAR', id: 'VARCHAR', "at": 'TIMESTAMPTZ', state: 'VARCHAR', total: 'DECIMAL(9,2)'})), u AS (SELECT *, 'web' AS clerk FROM w WHERE total < 500 UNION ALL SELECT id, state, total, "at", clerk FROM s)
SELECT * FROM (FROM u QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at" DESC) = 1) WHERE state <> 'void'
