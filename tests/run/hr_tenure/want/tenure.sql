WITH p AS (
  SELECT *, least(coalesce(left_on, DATE '2026-02-28'), DATE '2026-02-28') AS until
  FROM read_csv('people.csv', header = true, columns = {id: 'INTEGER', joined: 'DATE', left_on: 'DATE'})
), m AS (
  SELECT *, (year(until) - year(joined)) * 12 + month(until) - month(joined) - (CASE WHEN day(until) < day(joined) THEN 1 ELSE 0 END) AS months
  FROM p WHERE joined <= until
)
SELECT id, months // 12 AS years, months % 12 AS months, until - joined AS days, (joined + INTERVAL 6 MONTHS)::DATE - 1 AS trial_ends,
  (joined + to_years((months // 12 + 1)::INTEGER))::DATE AS next_round, last_day(joined) AS month_end, weekofyear(joined) AS joined_week, quarter(joined) AS quarter, dayofyear(joined) AS day_of_year,
  coalesce(left_on <= DATE '2026-02-28', false) AS is_gone
FROM m
