WITH y AS (FROM read_json('yard.ndjson', columns = {id: 'INTEGER', what: 'VARCHAR', slot: 'VARCHAR', "at": 'TIMESTAMPTZ'}))
SELECT id, slot, "at"
FROM (FROM y WHERE "at" > (SELECT max("at") FROM y WHERE what = 'emptied') QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at" DESC) = 1)
WHERE what = 'in'
