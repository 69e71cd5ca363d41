WITH d AS (SELECT *, regexp_full_match(code, '[A-Z]\d{2}(\.\d{1,2})?') AS is_good FROM read_csv('diagnoses.csv', header = true, columns = {visit: 'BIGINT', code: 'VARCHAR', kind: 'VARCHAR', "at": 'DATE'})),
c AS (FROM read_csv('chapters.csv', header = true, columns = {chapter: 'TINYINT', letter: 'VARCHAR', low: 'VARCHAR', high: 'VARCHAR'}))
SELECT 'contract' AS class, 'C001' AS code, 'diagnoses' AS source FROM d WHERE NOT is_good
