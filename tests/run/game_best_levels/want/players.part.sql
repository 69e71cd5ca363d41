WITH p AS (SELECT row_number() OVER () AS n, * FROM read_csv('plays.csv', header = true, columns = {player: 'INTEGER', level: 'INTEGER', seconds: 'DECIMAL(6,1)', "at": 'TIMESTAMPTZ'}))
SELECT player, count(*) AS plays, max(level) AS level, min(seconds) FILTER (level >= 5) AS best_time,
  first(level ORDER BY seconds, "at", n) FILTER (seconds IS NOT NULL) AS level_of_best_time, max("at") AS last_play
FROM p GROUP BY player HAVING count(*) > 1
