WITH c AS (FROM read_csv('changes.csv', header = true, columns = {code: 'VARCHAR', op: 'VARCHAR', lsn: 'BIGINT', port: 'VARCHAR', "full": 'BOOLEAN', tonnes: 'DECIMAL(5,1)', "at": 'TIMESTAMPTZ'})),
g AS (SELECT *, regexp_full_match(code, '[A-Z]{3}U[0-9]{3}') AND op <> 'X' AS is_good FROM c)
SELECT 'containers' AS source, 'contract' AS class,
  CASE WHEN op = 'X' THEN 'changes { operation op, insert ("I"), update ("U", "R"), delete ("D"), sequence (lsn) }' ELSE 'pattern "^[A-Z]{3}U[0-9]{3}$"' END AS expression
FROM g WHERE NOT is_good
