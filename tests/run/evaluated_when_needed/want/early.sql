WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', a: 'INTEGER', b: 'INTEGER', text: 'VARCHAR', list: 'INTEGER[]'}))
SELECT id, 10 % nullif(a, 0) AS r FROM r WHERE (a = 0 OR 10 % nullif(a, 0) = 0) AND (a <> 0 OR text = 'x')
