WITH p AS (FROM read_json('parcels.ndjson', columns = {id: 'INTEGER', weight: 'VARCHAR', count: 'VARCHAR'}))
SELECT count(*) AS parcels, sum(n)::BIGINT AS pieces, max(n) AS most FROM (SELECT try_cast(count AS SMALLINT) AS n FROM p) WHERE n IS NOT NULL
