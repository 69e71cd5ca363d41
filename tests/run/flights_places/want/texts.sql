WITH s AS (SELECT row_number() OVER () AS n, coalesce("Airport Name", '') AS airport, coalesce("Aircraft Make Model", '') AS model, "Effect Amount of damage" AS damage,
  "Flight Date"::TIMESTAMP AT TIME ZONE 'UTC' AS flown, coalesce("Aircraft Airline Operator", '') AS operator, coalesce("Origin State", '') AS state,
  coalesce("Phase of flight", '') AS phase, "Wildlife Size" AS size, coalesce("Wildlife Species", '') AS species, "Time of day" AS time_of_day,
  "Cost Repair"::BIGINT AS repair, "Cost Total $"::BIGINT AS cost, "Speed IAS in knots"::INTEGER AS knots, "Flight Date"::DATE AS day
  FROM read_csv('strikes.csv', header = true, parallel = false)
  WHERE "Effect Amount of damage" IN ('None', 'Minor', 'Medium', 'Substantial'))
SELECT upper(substr(airport, 1, 6)) AS short, nullif(regexp_extract(model, '^([A-Z]+)-', 1), '') AS maker,
  try_cast(nullif(regexp_extract(model, '(\d+)$', 1), '') AS INTEGER) AS number, len(string_split(airport, ' ')) AS words, strpos(airport, 'INTL') AS place,
  array_to_string(list_transform(string_split(lower(replace(operator, 'AIRLINES', 'air')), ' '), lambda w: upper(w[1]) || w[2:]), ' ') AS title,
  lpad(cost::VARCHAR, 9, '0') AS padded, reverse(species) AS back, regexp_matches(species, '(?i)gull') AS is_gull,
  CASE WHEN cost = 0 THEN 'free' WHEN cost < 10000 THEN 'cheap' ELSE 'dear' END AS kind, coalesce(knots, -1) AS knots,
  strftime(day, '%-d.%-m.%Y, %a') AS "when" FROM s WHERE state = 'New York' AND cost > 5000
