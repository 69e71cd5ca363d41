WITH m AS (FROM read_csv('meter.csv', header = true, columns = {site: 'VARCHAR', kwh: 'DECIMAL(9,3)', "at": 'TIMESTAMPTZ'})),
q AS (SELECT date_trunc('hour', "at") + to_minutes(minute("at") // 15 * 15) AS quarter, site, sum(kwh) AS kwh FROM m GROUP BY quarter, site)
SELECT date_trunc('month', quarter)::DATE AS month, site, max(kwh * 4) AS peak, first(quarter ORDER BY kwh DESC, quarter) AS peak_at, sum(kwh) AS used, count(*) AS quarters
FROM q GROUP BY month, site
