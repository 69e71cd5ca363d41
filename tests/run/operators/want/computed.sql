SELECT id, a + b AS sum, a - b AS difference, a * b AS product, -a AS negative, a = b AS equal, a <> b AS unequal, a < b AS less,
  f AND a > 0 AS both, f OR a > 0 AS either, NOT f AS neither, coalesce(a, b, 0) AS first, a IS NULL AS missing, a IS NOT NULL AS present,
  a IN (1, 2, b) AS one_of, a NOT IN (1, 2) AS none_of, a BETWEEN b AND 3 AS inside, a NOT BETWEEN -1 AND 1 AS outside,
  s LIKE 'a%' AS liked, s LIKE 'a_b' AS escaped, regexp_matches(s, '^[ab].*[el]$') AS matched,
  CASE WHEN a > b THEN 'a' ELSE 'b' END AS chosen, CASE WHEN a > 2 THEN 'big' WHEN a < -2 THEN 'small' END AS cased,
  (d + d)::DECIMAL(10, 2) AS decimal_sum, (d * d)::DECIMAL(19, 4) AS decimal_product,
  round(d::DECIMAL(38, 12) / 3, 6)::DECIMAL(13, 6) AS decimal_quotient,
  s || '!' AS joined, a::VARCHAR AS as_text, a::DECIMAL(12, 3) AS as_decimal, trunc(d)::BIGINT AS truncated,
  t + INTERVAL 90 minute AS later, (t AT TIME ZONE 'UTC')::DATE AS day
FROM read_csv('rows.csv', header = true, columns = {id: 'BIGINT', a: 'BIGINT', b: 'BIGINT', d: 'DECIMAL(9,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'TIMESTAMPTZ'})
