WITH s AS (SELECT *, a AT TIME ZONE 'UTC' AS ua, b AT TIME ZONE 'UTC' AS ub, a AT TIME ZONE 'Europe/Rome' AS local FROM read_csv('spans.csv', header = true, columns = {id: 'INTEGER', a: 'TIMESTAMPTZ', b: 'TIMESTAMPTZ', d: 'DATE', n: 'BIGINT'}))
SELECT id, d + n::INTEGER AS added_days, d + 7 * n::INTEGER AS added_weeks, (d + to_months(n::INTEGER))::DATE AS added_months, (ua + to_months(3 * n::INTEGER)) AT TIME ZONE 'UTC' AS added_quarters, a + to_hours(n) AS added_hours,
  date_trunc('year', local) AT TIME ZONE 'Europe/Rome' AS year, date_trunc('quarter', local) AT TIME ZONE 'Europe/Rome' AS quarter, date_trunc('week', local) AT TIME ZONE 'Europe/Rome' AS week,
  date_trunc('hour', a) AS hour, date_trunc('second', a) AS second, dayofyear(local) AS day_of_year, month(local) AS month, minute(ua) AS minute, second(ua) AS seconds,
  (epoch_us(a) // 1000 % 1000)::INTEGER AS ms, local AT TIME ZONE 'UTC' AS local, last_day(local) AS last
FROM s
