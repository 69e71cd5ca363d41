WITH i AS (FROM read_json('items.ndjson', columns = {warehouse: 'VARCHAR', item: 'INTEGER', kind: 'VARCHAR', version: 'BIGINT', amount: 'INTEGER', note: 'VARCHAR'}))
SELECT 'items' AS source, 'C001' AS code FROM i WHERE kind IN ('c', 'u') AND amount < 0
