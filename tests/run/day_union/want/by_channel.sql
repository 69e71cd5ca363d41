WITH w AS (SELECT * FROM read_csv('web.csv', header = true, delim = ';', nullstr = '-', columns = {id: 'BIGINT', user: 'VARCHAR', amount: 'DECIMAL(8,2)', ts: 'TIMESTAMPTZ'})),
a AS (SELECT r.id::BIGINT AS id, r.user AS user, r.amount::INTEGER AS amount, r.ts::TIMESTAMPTZ AS ts, r.tags AS tags
  FROM (SELECT unnest(data.rows) AS r FROM read_json('app.json'))),
e AS (SELECT *, 'web' AS channel FROM w UNION ALL SELECT id, user, amount, ts, 'app' FROM a)
SELECT channel, user, count(*) AS events, count(*) FILTER (amount IS NULL) AS missing, sum(amount)::DECIMAL(18,2) AS amount, round(sum(amount)::DECIMAL(30,10) / count(amount), 6)::DECIMAL(12,6) AS mean FROM e GROUP BY ALL
