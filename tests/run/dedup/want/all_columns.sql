SELECT count(*) AS n FROM read_json('orders.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', customer: 'BIGINT', amount: 'DECIMAL(10,2)', note: 'VARCHAR', ts: 'TIMESTAMPTZ'})
