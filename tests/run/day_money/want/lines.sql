WITH v AS (SELECT * FROM read_csv('invoices.csv', header = true, columns = {id: 'BIGINT', currency: 'VARCHAR', gross: 'DECIMAL(12,2)', rate: 'DECIMAL(4,3)', percent: 'INTEGER', day: 'DATE'})),
r AS (SELECT * FROM (VALUES ('EUR', 1::DECIMAL(18,8)), ('USD', 0.92345678), ('GBP', 1.1712)) AS r(currency, rate))
SELECT id, (((gross * 100)::HUGEINT * 1000 * 2 + (1000 + (v.rate * 1000)::INTEGER)) // (2 * (1000 + (v.rate * 1000)::INTEGER)) / 100.0)::DECIMAL(18,2) AS net,
  (((gross * 100)::HUGEINT * (v.rate * 1000)::INTEGER * 2 + (1000 + (v.rate * 1000)::INTEGER)) // (2 * (1000 + (v.rate * 1000)::INTEGER)) / 100.0)::DECIMAL(18,2) AS tax,
  (round((gross * (100 - percent))::DECIMAL(20,4) * 0.01::DECIMAL(4,2), 2) + 2.25)::DECIMAL(19,2) AS paid, round(gross * r.rate, 2)::DECIMAL(18,2) AS euro,
  (gross * 100)::BIGINT AS cents, gross::DECIMAL(18,2) AS again, round(gross * 0.1::DECIMAL(3,1), 1) AS tenth, ceil(gross)::DECIMAL(11,0) AS up,
  ((gross * 100)::BIGINT % 725 * 0.01::DECIMAL(3,2))::DECIMAL(5,2) AS rest, (gross * 100)::BIGINT % 2 = 1 AS is_odd FROM v JOIN r USING (currency)
