WITH l AS (SELECT unnest(leaves, recursive := true) FROM read_json('leaves.json', columns = {leaves: 'STRUCT(id INTEGER, person VARCHAR, first DATE, days INTEGER[], kind VARCHAR)[]'})),
h AS (FROM read_csv('holidays.csv', header = true, columns = {day: 'DATE', name: 'VARCHAR'}))
SELECT id, person FROM l WHERE len(days) = 0
