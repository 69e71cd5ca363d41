WITH n AS (FROM read_csv('numbers.csv', header = true, columns = {id: 'INTEGER', a: 'HUGEINT', b: 'HUGEINT', c: 'HUGEINT', d: 'HUGEINT'})),
g AS (
  SELECT *, a BETWEEN -128 AND 127 AND b BETWEEN -32768 AND 32767 AND c BETWEEN -2147483648 AND 2147483647 AND d BETWEEN -9223372036854775808 AND 9223372036854775807 AS is_good FROM n
)
SELECT flow, class FROM (
  SELECT NULL AS flow, 'schema' AS class FROM g WHERE NOT is_good
  UNION ALL SELECT 'computed', 'expression' FROM g WHERE is_good AND c = 2147483647
  UNION ALL SELECT 'negated', 'expression' FROM g WHERE is_good AND d = -9223372036854775808
)
