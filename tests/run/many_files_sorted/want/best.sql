WITH r AS (FROM read_csv('in/*.csv', header = true, columns = {id: 'INTEGER', kind: 'VARCHAR', points: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT kind, row_number() OVER w AS place, id, points FROM r WINDOW w AS (PARTITION BY kind ORDER BY points DESC NULLS LAST, "at", id) QUALIFY row_number() OVER w <= 4
