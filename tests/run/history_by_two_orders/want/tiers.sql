WITH c AS (FROM read_json('in/*.ndjson', columns = {id: 'INTEGER', tier: 'VARCHAR', mail: 'VARCHAR', what: 'VARCHAR', seq: 'BIGINT', "at": 'TIMESTAMPTZ'})),
l AS (FROM c WHERE what <> 'all gone' AND ("at", seq) > (SELECT max(("at", seq)) FROM c WHERE what = 'all gone')),
d AS (SELECT *, what = 'gone' AS gone FROM l QUALIFY row_number() OVER (PARTITION BY id, "at" ORDER BY seq DESC) = 1),
b AS (
  SELECT *, lag(id) OVER w IS NULL OR gone <> lag(gone) OVER w OR (NOT gone AND tier IS DISTINCT FROM lag(tier) OVER w) AS begins FROM d WINDOW w AS (PARTITION BY id ORDER BY "at")
),
v AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY id ORDER BY "at") AS version FROM b),
g AS (SELECT id, any_value(tier) AS tier, last(mail ORDER BY "at") AS mail, any_value(gone) AS gone, min("at") AS valid_from FROM v GROUP BY id, version),
e AS (SELECT *, lead(valid_from) OVER (PARTITION BY id ORDER BY valid_from) AS valid_to FROM g)
SELECT id, tier, mail, valid_from, valid_to, valid_to IS NULL AS is_current FROM e WHERE NOT gone
