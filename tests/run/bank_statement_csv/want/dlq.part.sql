WITH l AS (
  SELECT try_strptime(Buchungstag, '%d.%m.%Y')::DATE AS booked, strptime(Valuta, '%d.%m.%y')::DATE AS valid, Verwendungszweck AS text, Betrag AS amount,
    strptime(Erfasst, '%d.%m.%Y %H:%M') AT TIME ZONE 'Europe/Berlin' AS entered
  FROM read_csv('statement.csv', header = true, delim = ';', quote = '"', escape = '"', auto_detect = false,
    columns = {Erfasst: 'VARCHAR', Buchungstag: 'VARCHAR', Valuta: 'VARCHAR', Verwendungszweck: 'VARCHAR', Betrag: 'DECIMAL(12,2)', Saldo: 'VARCHAR'})
)
SELECT 'schema' AS class, 'lines' AS source FROM l WHERE booked IS NULL
