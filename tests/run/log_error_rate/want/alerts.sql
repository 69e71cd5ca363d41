WITH r AS (
  SELECT *, time_bucket(INTERVAL 5 MINUTES, ts, TIMESTAMPTZ '1970-01-01 00:00:00Z') AS begin
  FROM read_csv('requests.csv', header = true, columns = {ts: 'TIMESTAMPTZ', service: 'VARCHAR', status: 'SMALLINT', ms: 'DOUBLE'})
),
w AS (
  SELECT begin AS window_start, begin + INTERVAL 5 MINUTES AS window_end, service,
    count(*) AS requests, count(*) FILTER (status >= 500) AS errors, errors / requests AS rate,
    max(ms) FILTER (status < 400) AS slowest_good, (fsum(ms) FILTER (status < 400)) / (count(*) FILTER (status < 400)) AS mean_good
  FROM r GROUP BY begin, service
)
SELECT service, strftime(window_start, '%H:%M') AS from_time, strftime(window_end, '%H:%M') AS to_time, errors FROM w WHERE rate > 0.2 AND requests >= 3
