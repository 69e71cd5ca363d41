WITH p AS (FROM read_csv('people.csv', header = true, columns = {id: 'BIGINT', grade: 'VARCHAR', salary: 'DECIMAL(9,2)'})),
b AS (FROM read_json('bands.ndjson', columns = {grade: 'VARCHAR', name: 'VARCHAR', low: 'DECIMAL(9,2)', high: 'DECIMAL(9,2)'}))
FROM p WHERE NOT EXISTS (FROM b WHERE p.grade = b.grade AND salary >= low AND (high IS NULL OR salary < high))
