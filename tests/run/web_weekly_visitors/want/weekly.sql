WITH v AS (SELECT visitor, unnest(generate_series(0, 6)) AS back, ts::DATE AS day FROM read_csv('visits.csv', header = true, columns = {visitor: 'VARCHAR', ts: 'TIMESTAMPTZ'}))
SELECT day - back::INTEGER AS first_day, count(DISTINCT visitor) AS visitors, count(*) AS visits, count(DISTINCT visitor) AS about
FROM v GROUP BY first_day
