SELECT id, 100 // k AS q FROM 'visits.ndjson', range(2) WHERE k <> 0
