WITH s AS (SELECT row_number() OVER () AS n, coalesce("Airport Name", '') AS airport, coalesce("Aircraft Make Model", '') AS model, "Effect Amount of damage" AS damage,
  "Flight Date"::TIMESTAMP AT TIME ZONE 'UTC' AS flown, coalesce("Aircraft Airline Operator", '') AS operator, coalesce("Origin State", '') AS state,
  coalesce("Phase of flight", '') AS phase, "Wildlife Size" AS size, coalesce("Wildlife Species", '') AS species, "Time of day" AS time_of_day,
  "Cost Repair"::BIGINT AS repair, "Cost Total $"::BIGINT AS cost, "Speed IAS in knots"::INTEGER AS knots, "Flight Date"::DATE AS day
  FROM read_csv('strikes.csv', header = true, parallel = false)
  WHERE "Effect Amount of damage" IN ('None', 'Minor', 'Medium', 'Substantial'))
SELECT year, count(*) AS groups, sum(c)::BIGINT AS strikes, sum(cost)::BIGINT AS cost, max(c) AS largest, max(phases) AS most_phases, sum(speeds)::BIGINT AS speeds,
  sum(letters)::BIGINT AS letters, fsum(slow) AS slow, count(DISTINCT key) AS kinds
  FROM (SELECT year(day)::INTEGER AS year, airport || model AS key, count(*) AS c, sum(cost) AS cost, count(DISTINCT phase) AS phases, sum(knots) AS speeds,
    length(string_agg(operator, ';')) AS letters, quantile_cont(knots::DOUBLE, 0.25) AS slow FROM s GROUP BY airport, model, species, day) GROUP BY year
