WITH c AS (SELECT * FROM read_json('people-*.ndjson*', format = 'newline_delimited', columns = {seq: 'BIGINT', id: 'VARCHAR', team: 'VARCHAR', mail: 'VARCHAR', pay: 'DECIMAL(10,2)', ts: 'TIMESTAMPTZ'})),
g AS (SELECT *, sum(is_new) OVER (PARTITION BY id ORDER BY ts) AS part FROM (SELECT *, CASE WHEN lag(team) OVER w IS NOT DISTINCT FROM team THEN 0 ELSE 1 END AS is_new FROM c WINDOW w AS (PARTITION BY id ORDER BY ts))),
h AS (SELECT *, lead(valid_from) OVER (PARTITION BY id ORDER BY valid_from) AS valid_to FROM (SELECT id, team, last(mail ORDER BY ts) AS mail, last(pay ORDER BY ts) AS pay, min(ts) AS valid_from FROM g GROUP BY id, team, part)),
n AS (SELECT * FROM c QUALIFY row_number() OVER (PARTITION BY id ORDER BY ts DESC) = 1)
SELECT c.team AS was, n.team AS is_now, count(*) AS n, count(DISTINCT c.id) AS people, sum(n.pay - c.pay)::DECIMAL(21,2) AS raise FROM c JOIN n ON c.id = n.id AND c.team <> n.team AND c.ts < n.ts GROUP BY ALL
