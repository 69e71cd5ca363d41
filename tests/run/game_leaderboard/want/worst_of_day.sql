WITH s AS (SELECT row_number() OVER () AS n, * FROM read_json('scores.ndjson', columns = {player: 'VARCHAR', level: 'TINYINT', region: 'VARCHAR', points: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT "at"::DATE AS day, level, player, points FROM s WHERE points IS NOT NULL QUALIFY row_number() OVER (PARTITION BY level, "at"::DATE ORDER BY points, "at", n) = 1
