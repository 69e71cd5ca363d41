WITH v AS (FROM read_csv('visits.csv', header = true, columns = {user: 'INTEGER', page: 'VARCHAR', spent: 'DECIMAL(8,2)'}) WHERE spent >= 0),
u AS (SELECT user, sum(spent) AS total, count(DISTINCT page) AS pages FROM v GROUP BY user),
p AS (SELECT page, max(spent) AS most FROM v GROUP BY page)
SELECT what, count(*) AS rows, sum(value) AS value FROM (SELECT 'share' AS what, total AS value FROM u WHERE total > 50 UNION ALL SELECT 'max ' || page, most FROM p) GROUP BY what
