WITH g AS (
  SELECT *, row_number() OVER w AS games, row_number() OVER w - row_number() OVER (PARTITION BY player, won ORDER BY "at") AS island
  FROM read_csv('games.csv', header = true, columns = {player: 'VARCHAR', won: 'BOOLEAN', "at": 'TIMESTAMPTZ'}) WINDOW w AS (PARTITION BY player ORDER BY "at")
), r AS (SELECT player, won, island, count(*) AS length, min(games) AS first_game FROM g GROUP BY ALL),
k AS (SELECT *, row_number() OVER (PARTITION BY player ORDER BY first_game) AS run FROM r)
SELECT player, run, length, first_game FROM k WHERE won QUALIFY row_number() OVER (PARTITION BY player ORDER BY length DESC, first_game) = 1
