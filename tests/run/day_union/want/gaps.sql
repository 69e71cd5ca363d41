WITH w AS (SELECT * FROM read_csv('web.csv', header = true, delim = ';', nullstr = '-', columns = {id: 'BIGINT', user: 'VARCHAR', amount: 'DECIMAL(8,2)', ts: 'TIMESTAMPTZ'})),
a AS (SELECT r.id::BIGINT AS id, r.user AS user, r.amount::INTEGER AS amount, r.ts::TIMESTAMPTZ AS ts, r.tags AS tags
  FROM (SELECT unnest(data.rows) AS r FROM read_json('app.json'))),
e AS (SELECT *, 'web' AS channel FROM w UNION ALL SELECT id, user, amount, ts, 'app' FROM a)
SELECT id, user, epoch(ts)::BIGINT - epoch(lag(ts) OVER w)::BIGINT AS seconds, channel <> lag(channel) OVER w AS switched, (sum(amount) OVER w)::DECIMAL(18,2) AS spent, max(amount) OVER w AS peak FROM e WINDOW w AS (PARTITION BY user ORDER BY ts ROWS UNBOUNDED PRECEDING)
