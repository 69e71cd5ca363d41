WITH changes AS (SELECT *, row_number() OVER () AS position FROM read_json('customers.ndjson', format = 'newline_delimited', columns = {op: 'VARCHAR', region: 'VARCHAR', id: 'INTEGER', tier: 'VARCHAR', name: 'VARCHAR', ts: 'TIMESTAMPTZ'})),
newest AS (SELECT o.order_id, arg_max(c, (c.ts, c.position)) AS c FROM read_csv('orders.csv', nullstr = '', columns = {order_id: 'BIGINT', region: 'VARCHAR', customer: 'INTEGER', shipped: 'TIMESTAMPTZ', ts: 'TIMESTAMPTZ'}) o JOIN changes c ON c.ts <= o.ts AND (c.op = 'T' OR (c.region = o.region AND c.id = o.customer)) WHERE o.customer IS NOT NULL GROUP BY 1),
rows AS (SELECT order_id, c.tier, c.name FROM newest WHERE c.op NOT IN ('D', 'T'))
SELECT * FROM rows
