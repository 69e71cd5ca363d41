WITH l AS (FROM read_csv('access.csv', header = true, delim = '\t', quote = '', columns = {line: 'VARCHAR'})),
p AS (SELECT line, string_split(line, ' ') AS w, regexp_full_match(line, '\d.*') AS is_good FROM l)
SELECT count(*) AS lines, max(length(line)) AS longest FROM p WHERE NOT is_good
