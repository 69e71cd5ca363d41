WITH d AS (SELECT *, regexp_full_match(code, '[A-Z]\d{2}(\.\d{1,2})?') AS is_good FROM read_csv('diagnoses.csv', header = true, columns = {visit: 'BIGINT', code: 'VARCHAR', kind: 'VARCHAR', "at": 'DATE'})),
c AS (FROM read_csv('chapters.csv', header = true, columns = {chapter: 'TINYINT', letter: 'VARCHAR', low: 'VARCHAR', high: 'VARCHAR'}))
SELECT chapter, kind, count(*) AS diagnoses, count(DISTINCT visit) AS visits, count(DISTINCT left(code, 3)) AS codes, count(*) FILTER (code LIKE '%.%') AS exact
FROM d LEFT JOIN c ON left(code, 3) BETWEEN low AND high WHERE is_good GROUP BY ALL
