WITH p AS (FROM read_csv('pairs.csv', header = true, columns = {id: 'INTEGER', a: 'BOOLEAN', b: 'BOOLEAN', n: 'INTEGER', m: 'DECIMAL(6,2)', t: 'VARCHAR'}))
SELECT id, a AND b AS both, a OR b AS either, NOT a AND NOT b AS neither, a = b AS same, a <> b AS differs, (CASE WHEN a THEN n ELSE m END)::DECIMAL(12, 2) AS chosen,
  CASE WHEN a THEN 'a' WHEN b THEN 'b' END AS cased, (CASE WHEN n > 5 THEN 1 WHEN n > 2 THEN 2.5 ELSE m END)::DECIMAL(6, 2) AS cased_else, n IN (1, 2, 5) AS in_list, n NOT IN (1, 2, 5) AS not_in_list,
  n BETWEEN 2 AND 5 AS is_between, coalesce(n, m, -1)::DECIMAL(12, 2) AS filled, coalesce(t, n::VARCHAR, 'none') AS first, nullif(n, 5) AS null_if, greatest(n, 3) AS greatest, least(n, 3) AS least,
  n < m AS is_less, t || '!' AS text, coalesce(n <> 0 AND 10 / nullif(n, 0) > 2, false) AS guarded, coalesce(n = 0 OR 10 // nullif(n, 0) >= 2, true) AS guarded_or
FROM p
