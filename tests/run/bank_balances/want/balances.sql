WITH b AS (
  SELECT id, iban, amount, day, nullif(text, '') AS text
  FROM read_csv('bookings.csv', header = true, delim = ';', nullstr = 'NULL', allow_quoted_nulls = false, columns = {id: 'BIGINT', iban: 'VARCHAR', amount: 'DECIMAL(14,2)', day: 'DATE', text: 'VARCHAR'})
), s AS (
  SELECT a.iban, a.balance::DECIMAL(14, 2) AS balance
  FROM (SELECT unnest(data.accounts) AS a FROM read_json('starts.json', columns = {data: 'STRUCT(accounts STRUCT(iban VARCHAR, balance VARCHAR)[])'}))
)
SELECT b.iban, id, day, amount, sum(amount) OVER w + coalesce(balance, 0) AS balance, row_number() OVER w AS bookings,
  sum(amount) OVER w + coalesce(balance, 0) < 0 AS is_low, text
FROM b LEFT JOIN s ON b.iban = s.iban WINDOW w AS (PARTITION BY b.iban ORDER BY day, id)
