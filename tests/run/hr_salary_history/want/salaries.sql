WITH c AS (FROM read_json('changes-*.ndjson', columns = {person: 'INTEGER', salary: 'DECIMAL(9,2)', team: 'VARCHAR', desk: 'VARCHAR', valid: 'TIMESTAMPTZ'})), b AS (SELECT *, (salary, team) IS DISTINCT FROM lag((salary, team)) OVER (PARTITION BY person ORDER BY valid) AS begins FROM c WHERE salary > 0),
v AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY person ORDER BY valid) AS version FROM b),
g AS (SELECT person, any_value(salary) AS salary, any_value(team) AS team, last(desk ORDER BY valid) AS desk, min(valid) AS valid_from FROM v GROUP BY person, version)
SELECT *, lead(valid_from) OVER (PARTITION BY person ORDER BY valid_from) AS valid_to, valid_to IS NULL AS is_current FROM g
