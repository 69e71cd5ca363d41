SELECT v.id, 100 // by_what AS q FROM 'visits.ndjson' AS v
JOIN read_csv('divisors.csv', header = true, columns = {k: 'INTEGER', by_what: 'INTEGER'}) AS d ON v.k = d.k WHERE by_what <> 0
