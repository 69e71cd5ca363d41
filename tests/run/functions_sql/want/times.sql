SELECT id, year(t AT TIME ZONE 'UTC') AS year, week(t AT TIME ZONE 'UTC') AS week, isodow(t AT TIME ZONE 'UTC') AS weekday, hour(t AT TIME ZONE 'America/New_York') AS local_hour,
  date_trunc('month', t AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month_begin, date_trunc('day', t AT TIME ZONE 'Europe/Berlin') AT TIME ZONE 'Europe/Berlin' AS day_begin,
  date_sub('day', TIMESTAMP '2026-01-01 00:00:00', t AT TIME ZONE 'UTC') AS days, date_sub('month', TIMESTAMP '2026-01-01 00:00:00', t AT TIME ZONE 'UTC') AS months,
  (t AT TIME ZONE 'UTC' + INTERVAL 1 MONTH) AT TIME ZONE 'UTC' AS later, last_day((t AT TIME ZONE 'UTC')::DATE) AS month_end,
  strftime(t AT TIME ZONE 'UTC', '%d.%m.%Y %H:%M') AS text, epoch(t)::BIGINT AS seconds FROM read_csv('rows.csv', header = true, columns = {id: 'BIGINT', a: 'BIGINT', b: 'BIGINT', d: 'DECIMAL(9,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'TIMESTAMPTZ'}) WHERE t IS NOT NULL
