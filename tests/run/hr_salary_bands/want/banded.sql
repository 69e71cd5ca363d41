WITH p AS (FROM read_csv('people.csv', header = true, columns = {id: 'BIGINT', grade: 'VARCHAR', salary: 'DECIMAL(9,2)'})),
b AS (FROM read_json('bands.ndjson', columns = {grade: 'VARCHAR', name: 'VARCHAR', low: 'DECIMAL(9,2)', high: 'DECIMAL(9,2)'}))
SELECT p.grade, b.name AS band, count(*) AS people,
  (((sum(salary) * 100)::BIGINT * 20000 + count(*)) // (2 * count(*)) * 0.000001::DECIMAL(7, 6))::DECIMAL(13, 6) AS mean,
  (((sum(salary - low) * 100)::BIGINT * 2 + count(*)) // (2 * count(*)) * 0.01::DECIMAL(3, 2))::DECIMAL(12, 2) AS place
FROM p JOIN b ON p.grade = b.grade AND salary >= low AND (high IS NULL OR salary < high) GROUP BY ALL
