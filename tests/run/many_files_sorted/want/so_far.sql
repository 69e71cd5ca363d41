WITH r AS (FROM read_csv('in/*.csv', header = true, columns = {id: 'INTEGER', kind: 'VARCHAR', points: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT kind, row_number() OVER w AS n, id, (sum(points) OVER w)::BIGINT AS total, lag(id) OVER w AS "before" FROM r WINDOW w AS (PARTITION BY kind ORDER BY "at", id) QUALIFY row_number() OVER w % 4 = 0
