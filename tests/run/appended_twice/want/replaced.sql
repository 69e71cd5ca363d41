WITH v AS (FROM read_csv('visits.csv', header = true, columns = {page: 'VARCHAR', day: 'DATE', visits: 'INTEGER'}))
SELECT page, sum(visits)::BIGINT AS visits, count(DISTINCT day) AS days FROM v GROUP BY page
