WITH h AS (FROM read_csv('hits-*.csv.gz', header = true, columns = {visit: 'VARCHAR', page: 'VARCHAR', ts: 'TIMESTAMPTZ'}, filename = true)),
v AS (SELECT visit, first(page ORDER BY ts, filename) AS entry, count(*) AS pages, min(ts) AS "begin" FROM h GROUP BY visit)
SELECT entry, date_trunc('month', "begin") AS month, count(*) AS visits, count(*) FILTER (pages = 1) AS bounces, round(count(*) FILTER (pages = 1) / count(*), 6) AS rate, max(pages) AS longest
FROM v GROUP BY ALL
