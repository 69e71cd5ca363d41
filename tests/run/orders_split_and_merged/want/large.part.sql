WITH w AS (FROM read_json('web.ndjson', columns = {id: 'VARCHAR', state: 'VARCHAR', total: 'DECIMAL(9,2)', "at": 'TIMESTAMPTZ'})),
s AS (FROM read_csv('shop.csv', header = true, columns = {clerk: 'VARCHAR', id: 'VARCHAR', "at": 'TIMESTAMPTZ', state: 'VARCHAR', total: 'DECIMAL(9,2)'}))
SELECT * FROM (FROM w WHERE total >= 500 QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at" DESC) = 1) WHERE state <> 'void'
