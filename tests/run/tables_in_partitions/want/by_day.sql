WITH o AS (FROM read_json('orders.ndjson', columns = {order_id: 'INTEGER', country: 'VARCHAR', vip: 'BOOLEAN', amount: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}))
SELECT *, "at"::DATE AS day FROM o WHERE country IS DISTINCT FROM ''
