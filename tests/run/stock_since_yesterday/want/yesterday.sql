WITH t AS (FROM read_csv('today.csv', header = true, columns = {item: 'VARCHAR', pieces: 'INTEGER', place: 'VARCHAR'})),
y AS (FROM read_csv('yesterday.csv', header = true, columns = {item: 'VARCHAR', pieces: 'INTEGER', place: 'VARCHAR'}))
FROM y
