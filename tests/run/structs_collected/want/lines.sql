WITH s AS (FROM read_json('sales.ndjson', columns = {id: 'INTEGER', shop: 'VARCHAR', item: 'STRUCT(sku VARCHAR, price DECIMAL(8,2))', tags: 'VARCHAR[]', "at": 'TIMESTAMPTZ'}))
SELECT shop, id, len(tags) AS n, row_number() OVER (PARTITION BY shop ORDER BY "at", id) = 1 AS is_first FROM s QUALIFY len(tags) > 0
