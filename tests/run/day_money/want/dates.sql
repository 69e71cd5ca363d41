WITH v AS (SELECT * FROM read_csv('invoices.csv', header = true, columns = {id: 'BIGINT', currency: 'VARCHAR', gross: 'DECIMAL(12,2)', rate: 'DECIMAL(4,3)', percent: 'INTEGER', day: 'DATE'})),
r AS (SELECT * FROM (VALUES ('EUR', 1::DECIMAL(18,8)), ('USD', 0.92345678), ('GBP', 1.1712)) AS r(currency, rate))
SELECT id, week(day) AS week, isodow(day) AS weekday, quarter(day) AS quarter, date_trunc('quarter', day)::DATE AS "begin", date_diff('day', day, last_day(day)) AS days_left,
  (day + INTERVAL 1 MONTH)::DATE AS next_month, strftime(day, '%d.%m.%Y') AS text, day::VARCHAR AS iso, day < DATE '2026-05-01' AS is_old, date_sub('month', DATE '2025-12-15', day) AS age_in_months, true AS back FROM v
