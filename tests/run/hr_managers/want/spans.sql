WITH p AS (FROM read_json('people.ndjson', columns = {id: 'INTEGER', name: 'VARCHAR', manager: 'INTEGER', team: 'VARCHAR'}))
SELECT m.name, count(*) AS reports, count(DISTINCT p.team) AS teams, min(p.name) AS first_report FROM p JOIN p AS m ON p.manager = m.id GROUP BY m.name
