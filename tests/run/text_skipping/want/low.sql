WITH r AS (FROM read_json('readings.ndjson', columns = {city: 'VARCHAR', name: 'VARCHAR', level: 'DOUBLE', small: 'FLOAT'}))
FROM r WHERE level <= -5 AND small < 2.5::FLOAT
