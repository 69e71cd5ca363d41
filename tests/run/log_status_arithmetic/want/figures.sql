WITH c AS (FROM read_csv('codes.csv', header = true, columns = {code: 'INTEGER', other: 'SMALLINT', small: 'TINYINT'}))
SELECT code, other, code // other AS whole, code % other AS rest, code / other AS ratio, code // 100 AS class, small::INTEGER * 3 AS tripled,
  code % 2 = 0 AS is_even, abs(code - other) AS distance, sign(code)::DOUBLE AS sign
FROM c WHERE other <> 0 AND small::INTEGER * 3 BETWEEN -128 AND 127
