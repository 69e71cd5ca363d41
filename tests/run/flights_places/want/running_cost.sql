WITH s AS (SELECT row_number() OVER () AS n, coalesce("Airport Name", '') AS airport, coalesce("Aircraft Make Model", '') AS model, "Effect Amount of damage" AS damage,
  "Flight Date"::TIMESTAMP AT TIME ZONE 'UTC' AS flown, coalesce("Aircraft Airline Operator", '') AS operator, coalesce("Origin State", '') AS state,
  coalesce("Phase of flight", '') AS phase, "Wildlife Size" AS size, coalesce("Wildlife Species", '') AS species, "Time of day" AS time_of_day,
  "Cost Repair"::BIGINT AS repair, "Cost Total $"::BIGINT AS cost, "Speed IAS in knots"::INTEGER AS knots, "Flight Date"::DATE AS day
  FROM read_csv('strikes.csv', header = true, parallel = false)
  WHERE "Effect Amount of damage" IN ('None', 'Minor', 'Medium', 'Substantial'))
SELECT operator, day, cost, row_number() OVER w AS strike, (sum(cost) OVER w)::BIGINT AS spent,
  date_diff('day', lag(day) OVER w, day) AS days_since, max(cost) OVER w AS worst FROM s WHERE cost > 1000 AND state IN ('Texas', 'New York', 'California')
  WINDOW w AS (PARTITION BY operator ORDER BY flown, n ROWS UNBOUNDED PRECEDING)
