WITH r AS (FROM read_csv('in/*.csv', header = true, columns = {id: 'INTEGER', kind: 'VARCHAR', points: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT kind, points, id, "at" FROM r WHERE points IS NOT NULL QUALIFY row_number() OVER (PARTITION BY kind, points ORDER BY "at" DESC, id DESC) = 1
