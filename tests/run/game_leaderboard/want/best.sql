WITH s AS (SELECT row_number() OVER () AS n, * FROM read_json('scores.ndjson', columns = {player: 'VARCHAR', level: 'TINYINT', region: 'VARCHAR', points: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT level, region, row_number() OVER w AS place, player, points, "at" FROM s
WINDOW w AS (PARTITION BY level, region ORDER BY points DESC NULLS LAST, "at", n) QUALIFY row_number() OVER w <= 3
