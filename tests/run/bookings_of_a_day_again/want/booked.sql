WITH a AS (FROM read_csv('again.csv', header = true, columns = {id: 'INTEGER', day: 'DATE', amount: 'DECIMAL(9,2)', account: 'VARCHAR'}))
FROM read_csv('first.csv', header = true, columns = {id: 'INTEGER', day: 'DATE', amount: 'DECIMAL(9,2)', account: 'VARCHAR'}) WHERE day <> DATE '2026-01-02'
UNION ALL FROM a WHERE day = DATE '2026-01-02' AND amount <> 0
