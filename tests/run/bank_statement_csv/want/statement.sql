WITH l AS (
  SELECT try_strptime(Buchungstag, '%d.%m.%Y')::DATE AS booked, strptime(Valuta, '%d.%m.%y')::DATE AS valid, Verwendungszweck AS text, Betrag AS amount,
    strptime(Erfasst, '%d.%m.%Y %H:%M') AT TIME ZONE 'Europe/Berlin' AS entered
  FROM read_csv('statement.csv', header = true, delim = ';', quote = '"', escape = '"', auto_detect = false,
    columns = {Erfasst: 'VARCHAR', Buchungstag: 'VARCHAR', Valuta: 'VARCHAR', Verwendungszweck: 'VARCHAR', Betrag: 'DECIMAL(12,2)', Saldo: 'VARCHAR'})
)
SELECT booked, valid, regexp_replace(text, '\s+', ' ', 'g') AS text, amount, entered, CASE WHEN amount < 0 THEN 'out' ELSE 'in' END AS kind, strftime(booked, '%Y-%m') AS month,
  length(text) - length(replace(text, chr(10), '')) + 1 AS lines_of_text
FROM l WHERE booked IS NOT NULL
