WITH c AS (FROM read_csv('in/*.csv', header = true, columns = {id: 'INTEGER', state: 'VARCHAR', n: 'INTEGER', gone: 'BOOLEAN', day: 'INTEGER'})), d AS (FROM c QUALIFY row_number() OVER (PARTITION BY id, day ORDER BY n DESC) = 1),
b AS (SELECT *, coalesce(gone <> lag(gone) OVER w OR (NOT gone AND state <> lag(state) OVER w), true) AS begins FROM d WINDOW w AS (PARTITION BY id ORDER BY day)),
v AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY id ORDER BY day) AS version FROM b),
g AS (SELECT id, any_value(state) AS state, last(n ORDER BY day) AS n, any_value(gone) AS gone, min(day) AS day FROM v GROUP BY id, version),
e AS (SELECT *, TIMESTAMPTZ '2026-01-02 00:00:00Z' + to_days(day) AS valid_from, lead(TIMESTAMPTZ '2026-01-02 00:00:00Z' + to_days(day)) OVER (PARTITION BY id ORDER BY day) AS valid_to FROM g)
SELECT id, state, n, valid_from, valid_to, valid_to IS NULL AS is_current FROM e WHERE NOT gone
