WITH a AS (FROM read_csv('again.csv', header = true, columns = {id: 'INTEGER', day: 'DATE', amount: 'DECIMAL(9,2)', account: 'VARCHAR'}))
SELECT 'replace' AS flow, 'S002' AS code FROM a WHERE day <> DATE '2026-01-02' AND amount <> 0
