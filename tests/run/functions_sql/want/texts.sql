SELECT id, lpad(s, 8, '*-') AS left, rpad(s, 3, ' ') AS right, reverse(s) AS back, replace(s, 'a', '<>') AS other, translate(s, 'abc', 'xy') AS moved,
  position('r' IN s)::BIGINT AS place, regexp_replace(s, '[aeiou]', '', 'g') AS begin, sha256(s) AS digest, md5(s) AS md, base64(encode(s)) AS encoded,
  levenshtein(s, 'apple') AS distance, repeat(s, 2) AS twice FROM read_csv('rows.csv', header = true, columns = {id: 'BIGINT', a: 'BIGINT', b: 'BIGINT', d: 'DECIMAL(9,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'TIMESTAMPTZ'})
