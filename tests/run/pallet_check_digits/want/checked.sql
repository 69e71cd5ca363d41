WITH p AS (FROM read_csv('pallets.csv', header = true, columns = {id: 'INTEGER', ean: 'VARCHAR'})),
d AS (SELECT id, ean, unnest(range(1, 14)) AS place FROM p WHERE regexp_full_match(ean, '\d{13}')),
v AS (SELECT *, ean[place]::BIGINT AS digit FROM d)
SELECT id, ean, sum(digit * (CASE WHEN place % 2 = 1 THEN 1 ELSE 3 END)) % 10 = 0 AS is_good, count(*) AS digits_seen, (sum(digit) FILTER (digit % 2 = 0))::BIGINT AS even, max(digit) AS greatest
FROM v GROUP BY id, ean
