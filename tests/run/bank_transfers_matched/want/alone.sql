WITH b AS (FROM read_json('bookings.ndjson', columns = {id: 'INTEGER', account: 'VARCHAR', amount: 'DECIMAL(12,2)', reference: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
m AS (
  SELECT d.id AS debit, c.id AS credit, -d.amount AS wanted, date_sub('hour', d."at", c."at") AS hours
  FROM b AS d JOIN b AS c ON d.amount < 0 AND -d.amount = c.amount AND d.reference = c.reference AND d.account <> c.account AND c."at" BETWEEN d."at" AND d."at" + INTERVAL 2 DAYS
)
SELECT id, account, amount FROM b WHERE amount < 0 AND id NOT IN (SELECT debit FROM m)
