WITH v AS (SELECT * FROM read_csv('invoices.csv', header = true, columns = {id: 'BIGINT', currency: 'VARCHAR', gross: 'DECIMAL(12,2)', rate: 'DECIMAL(4,3)', percent: 'INTEGER', day: 'DATE'})),
r AS (SELECT * FROM (VALUES ('EUR', 1::DECIMAL(18,8)), ('USD', 0.92345678), ('GBP', 1.1712)) AS r(currency, rate))
SELECT year(day)::VARCHAR || (CASE WHEN month(day) <= 6 THEN 'H1' ELSE 'H2' END) AS half, currency, count(*) AS n, sum(gross)::DECIMAL(22,2) AS gross,
  (sum(gross) FILTER (gross < 100))::DECIMAL(22,2) AS small, trunc(count(*) FILTER (percent > 0) * 100 / count(*))::INTEGER AS part,
  max(last_day(day) + 14) AS last_due, count(DISTINCT date_trunc('month', day)) AS months FROM v GROUP BY ALL
