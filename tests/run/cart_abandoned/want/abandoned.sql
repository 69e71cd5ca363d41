WITH c AS (FROM read_csv('carts.csv', header = true, columns = {cart_id: 'BIGINT', customer: 'BIGINT', created: 'TIMESTAMPTZ'})),
p AS (FROM read_json('payments.ndjson', columns = {customer: 'BIGINT', "at": 'TIMESTAMPTZ', amount: 'VARCHAR'})),
m AS (SELECT *, EXISTS (FROM p WHERE p.customer = c.customer AND p."at" BETWEEN created AND created + INTERVAL 1 DAY) AS is_paid FROM c)
SELECT cart_id, customer, created FROM m WHERE NOT is_paid
