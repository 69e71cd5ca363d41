WITH r AS (FROM read_csv('in/*.csv', header = true, columns = {id: 'INTEGER', kind: 'VARCHAR', points: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT kind, count(*) AS rows, sum(id)::BIGINT AS ids FROM (FROM r QUALIFY row_number() OVER (PARTITION BY kind, points ORDER BY id) = 1) GROUP BY kind
