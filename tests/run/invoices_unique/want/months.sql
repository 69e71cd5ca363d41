WITH RECURSIVE i AS (SELECT row_number() OVER () AS n, * FROM read_csv('invoices.csv', header = true, columns = {number: 'VARCHAR', customer: 'INTEGER', month: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
x AS (
  SELECT *, number IS NULL OR row_number() OVER (PARTITION BY number ORDER BY n) = 1 AS is_number, row_number() OVER (PARTITION BY customer, month ORDER BY n) = 1 AS is_month FROM i
),
k AS (SELECT *, row_number() OVER (PARTITION BY customer ORDER BY n) AS place FROM i),
s AS (
  SELECT n, number, customer, "at", place, [epoch_us("at")] AS passed, true AS passes FROM k WHERE place = 1
  UNION ALL
  SELECT k.n, k.number, k.customer, k."at", k.place,
    CASE WHEN len(list_filter(s.passed, lambda p: abs(p - epoch_us(k."at")) <= 300000000)) = 0 THEN list_append(s.passed, epoch_us(k."at")) ELSE s.passed END,
    len(list_filter(s.passed, lambda p: abs(p - epoch_us(k."at")) <= 300000000)) = 0
  FROM s JOIN k ON k.customer = s.customer AND k.place = s.place + 1
)
SELECT month, count(*) AS customers, count(number) AS numbers FROM x WHERE is_month GROUP BY month
