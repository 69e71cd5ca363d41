WITH p AS (FROM read_json('parcels.ndjson', columns = {id: 'INTEGER', weight: 'VARCHAR', count: 'VARCHAR'}))
SELECT 'counted' AS flow, 'expression' AS class, 'X006' AS code FROM p WHERE try_cast(count AS SMALLINT) IS NULL
