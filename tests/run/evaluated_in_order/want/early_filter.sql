WITH r AS (FROM read_csv('rows.csv', header = true, columns = {id: 'INTEGER', a: 'INTEGER', b: 'INTEGER', k: 'INTEGER'})),
n AS (FROM read_csv('names.csv', header = true, columns = {k: 'INTEGER', name: 'VARCHAR'})),
j AS (SELECT r.*, name FROM r LEFT JOIN n ON r.k = n.k)
SELECT id, a // b AS q, name FROM j WHERE b <> 0 AND a // nullif(b, 0) > 1 AND name <> 'hidden'
