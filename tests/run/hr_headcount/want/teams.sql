WITH c AS (FROM read_json('changes.ndjson', columns = {id: 'BIGINT', name: 'VARCHAR', team: 'VARCHAR', fte: 'DECIMAL(3,2)', gone: 'BOOLEAN', "at": 'TIMESTAMPTZ'})),
p AS (SELECT id, name, team, coalesce(fte, 1) AS fte, "at" FROM (FROM c QUALIFY row_number() OVER (PARTITION BY id ORDER BY "at" DESC) = 1) WHERE NOT coalesce(gone, false))
SELECT team, count(*) AS heads, sum(fte::DECIMAL(3,2)) AS fte, string_agg(name, ', ' ORDER BY "at") AS names FROM p GROUP BY team
