SELECT id, name, city, "at"
FROM (FROM read_json('day?.ndjson', columns = {id: 'INTEGER', name: 'VARCHAR', city: 'VARCHAR', op: 'VARCHAR', "at": 'TIMESTAMPTZ'}) QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at" DESC) = 1)
WHERE op = 'set'
