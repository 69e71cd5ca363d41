WITH c AS (
  FROM read_csv(['first.csv', 'second.csv'], header = true, columns = {id: 'INTEGER', plan: 'VARCHAR', seats: 'INTEGER', note: 'VARCHAR', op: 'VARCHAR', seq: 'INTEGER', "at": 'TIMESTAMPTZ'})
), l AS (SELECT *, op = 'gone' AS gone FROM c WHERE op <> 'reset' AND seq > (SELECT max(seq) FROM c WHERE op = 'reset')),
d AS (FROM l QUALIFY row_number() OVER (PARTITION BY id, "at" ORDER BY seq DESC) = 1),
b AS (SELECT *, coalesce(gone <> lag(gone) OVER w OR (NOT gone AND (plan, seats) <> lag((plan, seats)) OVER w), true) AS begins FROM d WINDOW w AS (PARTITION BY id ORDER BY "at")),
v AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY id ORDER BY "at") AS version FROM b),
g AS (SELECT id, any_value(plan) AS plan, any_value(seats) AS seats, first(note ORDER BY seq DESC) AS note, any_value(gone) AS gone, min("at") AS valid_from FROM v GROUP BY id, version),
e AS (SELECT *, lead(valid_from) OVER (PARTITION BY id ORDER BY valid_from) AS valid_to FROM g)
SELECT id, plan, seats, note, valid_from, valid_to, valid_to IS NULL AS is_current FROM e WHERE NOT gone
