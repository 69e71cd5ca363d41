SELECT route, count(*) AS calls, median(ms)::DOUBLE AS p50, round(quantile_cont(ms::DOUBLE, 0.9), 6) AS p90, round(quantile_cont(ms::DOUBLE, 0.99), 6) AS p99,
  min(ms)::DOUBLE AS p0, max(ms)::DOUBLE AS p100, (median(ms) FILTER (ok))::DOUBLE AS good_p50,
  round(quantile_cont(ms::DOUBLE, 0.75) - quantile_cont(ms::DOUBLE, 0.25), 6) AS spread
FROM read_csv('calls.csv', header = true, columns = {route: 'VARCHAR', ms: 'INTEGER', ok: 'BOOLEAN'}) GROUP BY route
