WITH p AS (FROM read_csv('prescriptions.csv', header = true, columns = {id: 'INTEGER', patient: 'INTEGER', drug: 'VARCHAR', first_day: 'DATE', days: 'INTEGER'}))
SELECT 'prescriptions' AS source, 'C001' AS code FROM p WHERE days = 0
