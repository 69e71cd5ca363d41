WITH n AS (FROM read_csv('numbers.csv', header = true, columns = {id: 'INTEGER', a: 'HUGEINT', b: 'HUGEINT', c: 'HUGEINT', d: 'HUGEINT'})),
g AS (
  SELECT *, a BETWEEN -128 AND 127 AND b BETWEEN -32768 AND 32767 AND c BETWEEN -2147483648 AND 2147483647 AND d BETWEEN -9223372036854775808 AND 9223372036854775807 AS is_good FROM n
)
SELECT id, a::TINYINT AS a, b::SMALLINT AS b, c::INTEGER AS c, d::BIGINT AS d, (c + 1)::INTEGER AS next, (b * b)::INTEGER AS square, (d * 2)::DECIMAL(31, 0) AS wide, a / 3 AS float,
  hex(d::BIGINT) AS hex, (a * 2)::VARCHAR AS bytes
FROM g WHERE is_good AND c < 2147483647
