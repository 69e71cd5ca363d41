WITH r AS (FROM read_csv('rows.csv', header = true, columns = {id: 'INTEGER', a: 'INTEGER', b: 'INTEGER', k: 'INTEGER'})),
n AS (FROM read_csv('names.csv', header = true, columns = {k: 'INTEGER', name: 'VARCHAR'})),
j AS (SELECT r.*, name FROM r LEFT JOIN n ON r.k = n.k)
SELECT id, 100 // a AS q FROM r WHERE (id > 40 OR id < 10) AND a <> 0 AND b > 0
