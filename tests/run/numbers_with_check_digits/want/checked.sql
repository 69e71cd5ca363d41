WITH n AS (
  SELECT id, coalesce(text, '') AS text, regexp_replace(upper(coalesce(text, '')), '[\s-]', '', 'g') AS c
  FROM read_csv('numbers.csv', header = true, columns = {id: 'INTEGER', text: 'VARCHAR'})
), d AS (
  SELECT *, regexp_full_match(text, '[0-9]+') AS is_number,
    list_sum([CASE WHEN (length(text) - i) % 2 = 0 THEN try_cast(text[i] AS INT) WHEN try_cast(text[i] AS INT) > 4 THEN 2 * try_cast(text[i] AS INT) - 9 ELSE 2 * try_cast(text[i] AS INT) END FOR i IN range(1, length(text) + 1)]) % 10 = 0 AS luhn,
    list_sum([CASE WHEN (length(c) - i) % 2 = 0 THEN try_cast(c[i] AS INT) WHEN try_cast(c[i] AS INT) > 4 THEN 2 * try_cast(c[i] AS INT) - 9 ELSE 2 * try_cast(c[i] AS INT) END FOR i IN range(1, length(c) + 1)]) % 10 = 0 AS c_luhn,
    list_sum([try_cast(c[i] AS INT) * (CASE WHEN (length(c) - i) % 2 = 0 THEN 1 ELSE 3 END) FOR i IN range(1, length(c) + 1)]) % 10 = 0 AS weighted,
    list_sum([CASE WHEN c[i] = 'X' THEN 10 ELSE try_cast(c[i] AS INT) END * (11 - i) FOR i IN range(1, 11)]) % 11 = 0 AS eleven,
    CASE WHEN regexp_full_match(c, '[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}')
      THEN array_to_string([CASE WHEN x BETWEEN 'A' AND 'Z' THEN (ascii(x) - 55)::VARCHAR ELSE x END FOR x IN string_split(substr(c, 5) || left(c, 4), '')], '')::HUGEINT % 97 = 1 ELSE false END AS iban,
    regexp_full_match(lower(text), '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}') AS uuid
  FROM n
), v AS (SELECT *, CASE WHEN uuid AND lower(text[20]) IN ('8', '9', 'a', 'b') AND text[15] BETWEEN '1' AND '8' THEN text[15]::BIGINT END AS version FROM d)
SELECT id, is_number AND luhn AS luhn, regexp_full_match(c, '[0-9]{12,19}') AND c_luhn AS card, is_number AND length(text) IN (8, 12, 13, 14) AND weighted AS gtin,
  regexp_full_match(c, '[0-9]{9}[0-9X]') AND eleven AS isbn10, regexp_full_match(c, '97[89][0-9]{10}') AND weighted AS isbn13, iban, CASE WHEN iban THEN left(c, 2) END AS country, uuid, version,
  CASE WHEN version = 7 THEN make_timestamptz(('0x' || left(text, 8) || substr(text, 10, 4))::BIGINT * 1000) END AS made
FROM v
