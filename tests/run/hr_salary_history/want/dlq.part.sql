WITH c AS (FROM read_json('changes-*.ndjson', columns = {person: 'INTEGER', salary: 'DECIMAL(9,2)', team: 'VARCHAR', desk: 'VARCHAR', valid: 'TIMESTAMPTZ'}))
SELECT 'contract' AS class, 'C001' AS code FROM c, (VALUES (1), (2)) AS runs WHERE salary <= 0
