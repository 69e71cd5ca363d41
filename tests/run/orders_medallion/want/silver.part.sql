WITH r AS (FROM read_json('raw-*.ndjson', columns = {order_id: 'BIGINT', customer: 'INTEGER', amount: 'DECIMAL(10,2)', status: 'VARCHAR', ts: 'TIMESTAMPTZ'})),
s AS (
  SELECT order_id, coalesce(name, 'nobody') AS customer, amount, status IN ('paid', 'sent') AS is_paid, ts
  FROM r LEFT JOIN read_csv('names.csv', header = true, columns = {id: 'INTEGER', name: 'VARCHAR'}) AS n ON customer = n.id
  WHERE status <> 'test' AND amount IS NOT NULL QUALIFY row_number() OVER (PARTITION BY order_id ORDER BY ts DESC) = 1
)
FROM s
