SELECT id, 12 // p AS q FROM (SELECT id, unnest(parts) AS p FROM 'visits.ndjson') WHERE p <> 0
