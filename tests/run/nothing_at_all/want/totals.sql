SELECT count(*) AS n, sum(amount) AS amount, []::INTEGER[] AS ids, count(DISTINCT id) AS kinds, max(amount) AS best, bool_or(id > 1) AS "any"
FROM read_csv('empty.csv', header = true, columns = {id: 'INTEGER', amount: 'DECIMAL(8,2)', "at": 'TIMESTAMPTZ'})
