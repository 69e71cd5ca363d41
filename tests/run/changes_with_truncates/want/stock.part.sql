WITH i AS (FROM read_json('items.ndjson', columns = {warehouse: 'VARCHAR', item: 'INTEGER', kind: 'VARCHAR', version: 'BIGINT', amount: 'INTEGER', note: 'VARCHAR'}))
SELECT warehouse, item, version, amount, note AS remark, warehouse || '/' || item AS label, (amount + 11) // 12 AS cartons
FROM (FROM i WHERE version > (SELECT max(version) FROM i WHERE kind = 't') AND (kind = 'd' OR amount >= 0) QUALIFY row_number() OVER (PARTITION BY warehouse, item ORDER BY version DESC) = 1)
WHERE kind <> 'd' AND amount > 0
