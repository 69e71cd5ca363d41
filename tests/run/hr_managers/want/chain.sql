WITH p AS (FROM read_json('people.ndjson', columns = {id: 'INTEGER', name: 'VARCHAR', manager: 'INTEGER', team: 'VARCHAR'}))
SELECT p.id, p.name, m.name AS manager, t.name AS above, CASE WHEN m.id IS NULL THEN 1 WHEN t.id IS NULL THEN 2 ELSE 3 END AS level, p.team = m.team AS same_team
FROM p LEFT JOIN p AS m ON p.manager = m.id LEFT JOIN p AS t ON m.manager = t.id
