WITH b AS (FROM read_json('blobs.ndjson', columns = {id: 'INTEGER', data: 'VARCHAR', name: 'VARCHAR'}))
SELECT 'schema' AS class, 'blobs' AS source FROM b WHERE data LIKE '%!'
