WITH o AS (FROM read_json('orders.ndjson', columns = {order_id: 'INTEGER', country: 'VARCHAR', vip: 'BOOLEAN', amount: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'}))
SELECT order_id, amount, vip FROM o
