WITH c AS (FROM read_csv('changes.csv', header = true, columns = {code: 'VARCHAR', op: 'VARCHAR', lsn: 'BIGINT', port: 'VARCHAR', "full": 'BOOLEAN', tonnes: 'DECIMAL(5,1)', "at": 'TIMESTAMPTZ'})),
g AS (SELECT *, regexp_full_match(code, '[A-Z]{3}U[0-9]{3}') AND op <> 'X' AS is_good FROM c)
SELECT code, lsn, upper(port) AS port, "full", tonnes
FROM (FROM g WHERE is_good QUALIFY row_number() OVER (PARTITION BY code ORDER BY lsn DESC) = 1) WHERE op <> 'D' AND (tonnes < 30 OR tonnes IS NULL)
