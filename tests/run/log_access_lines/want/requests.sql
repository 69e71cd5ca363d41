WITH l AS (FROM read_csv('access.csv', header = true, delim = '\t', quote = '', columns = {line: 'VARCHAR'})),
p AS (SELECT line, string_split(line, ' ') AS w, regexp_full_match(line, '\d.*') AS is_good FROM l)
SELECT w[1] AS address, nullif(w[3], '-') AS user,
  strptime(substr(w[4], 2) || ' ' || left(w[5], 3) || ':' || substr(w[5], 4, 2), '%d/%b/%Y:%H:%M:%S %z')::TIMESTAMPTZ AS "at",
  substr(w[6], 1) AS method, w[7] AS path, left(w[9], 1) || 'xx' AS class, try_cast(w[10] AS BIGINT) AS bytes
FROM p WHERE is_good
