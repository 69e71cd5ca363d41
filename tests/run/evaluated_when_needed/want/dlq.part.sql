WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', a: 'INTEGER', b: 'INTEGER', text: 'VARCHAR', list: 'INTEGER[]'}))
SELECT 'guarded' AS flow, 'X003' AS code FROM r WHERE b IS NULL AND a = 0
