WITH a AS (
  SELECT id, upper(replace(iban, ' ', '')) AS clean FROM read_csv('accounts.csv', header = true, columns = {id: 'INTEGER', iban: 'VARCHAR'})
), d AS (
  SELECT *, array_to_string(list_transform(string_split(substr(clean, 5) || left(clean, 4), ''),
    lambda c: CASE WHEN c BETWEEN 'A' AND 'Z' THEN (ascii(c) - 55)::VARCHAR ELSE c END), '')::HUGEINT AS number
  FROM a WHERE regexp_full_match(clean, '[A-Z]{2}\d{2}[A-Z0-9]{10,18}')
)
SELECT id, clean, (number % 97)::BIGINT AS rest, (number % 97)::BIGINT AS same_rest, number % 97 = 1 AS is_good FROM d
