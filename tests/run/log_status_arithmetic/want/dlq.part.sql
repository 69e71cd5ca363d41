WITH c AS (FROM read_csv('codes.csv', header = true, columns = {code: 'INTEGER', other: 'SMALLINT', small: 'TINYINT'}))
SELECT 'expression' AS class, CASE WHEN other = 0 THEN 'X003' ELSE 'X001' END AS code FROM c WHERE other = 0 OR small::INTEGER * 3 NOT BETWEEN -128 AND 127
