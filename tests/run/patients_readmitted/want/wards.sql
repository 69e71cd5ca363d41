WITH s AS (
  SELECT *, lag(ward) OVER w AS ward_before, arrived - lag(left_at) OVER w AS gap
  FROM read_csv('stays.csv', header = true, columns = {stay: 'INTEGER', patient: 'INTEGER', ward: 'VARCHAR', arrived: 'TIMESTAMPTZ', left_at: 'TIMESTAMPTZ'})
  WINDOW w AS (PARTITION BY patient ORDER BY arrived)
), r AS (SELECT *, coalesce(epoch_us(gap) <= 30::BIGINT * 86400 * 1000000, false) AS is_return FROM s)
SELECT ward, count(*) AS stays, count(*) FILTER (is_return) AS returns, count(*) FILTER (is_return AND ward = ward_before) AS same_ward,
  max(epoch_us(left_at) - epoch_us(arrived)) AS longest, count(*) FILTER (left_at IS NULL) AS open, min(epoch_us(gap)) AS shortest_gap
FROM r GROUP BY ward
