WITH s AS (SELECT row_number() OVER () AS n, coalesce("Airport Name", '') AS airport, coalesce("Aircraft Make Model", '') AS model, "Effect Amount of damage" AS damage,
  "Flight Date"::TIMESTAMP AT TIME ZONE 'UTC' AS flown, coalesce("Aircraft Airline Operator", '') AS operator, coalesce("Origin State", '') AS state,
  coalesce("Phase of flight", '') AS phase, "Wildlife Size" AS size, coalesce("Wildlife Species", '') AS species, "Time of day" AS time_of_day,
  "Cost Repair"::BIGINT AS repair, "Cost Total $"::BIGINT AS cost, "Speed IAS in knots"::INTEGER AS knots, "Flight Date"::DATE AS day
  FROM read_csv('strikes.csv', header = true, parallel = false)
  WHERE "Effect Amount of damage" IN ('None', 'Minor', 'Medium', 'Substantial'))
SELECT airport, model, species, day, count(*) AS n, list_sort(list(DISTINCT phase)) AS phases, coalesce(list(knots ORDER BY s.n) FILTER (knots IS NOT NULL), []) AS speeds,
  string_agg(operator, ';' ORDER BY s.n) AS where_from FROM s GROUP BY airport, model, species, day HAVING count(*) > 2
