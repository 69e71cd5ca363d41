WITH s AS (SELECT row_number() OVER () AS n, coalesce("Airport Name", '') AS airport, coalesce("Aircraft Make Model", '') AS model, "Effect Amount of damage" AS damage,
  "Flight Date"::TIMESTAMP AT TIME ZONE 'UTC' AS flown, coalesce("Aircraft Airline Operator", '') AS operator, coalesce("Origin State", '') AS state,
  coalesce("Phase of flight", '') AS phase, "Wildlife Size" AS size, coalesce("Wildlife Species", '') AS species, "Time of day" AS time_of_day,
  "Cost Repair"::BIGINT AS repair, "Cost Total $"::BIGINT AS cost, "Speed IAS in knots"::INTEGER AS knots, "Flight Date"::DATE AS day
  FROM read_csv('strikes.csv', header = true, parallel = false)
  WHERE "Effect Amount of damage" IN ('None', 'Minor', 'Medium', 'Substantial'))
SELECT s.state, day, cost, t.total, (round(cost * 10000::HUGEINT / t.total::DOUBLE) / 100)::DECIMAL(5,2) AS percent
  FROM s JOIN (SELECT state, sum(cost)::BIGINT AS total FROM s GROUP BY state) t ON s.state = t.state AND cost * 4 > t.total WHERE cost > 50000
