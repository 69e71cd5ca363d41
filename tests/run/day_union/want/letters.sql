WITH w AS (SELECT * FROM read_csv('web.csv', header = true, delim = ';', nullstr = '-', columns = {id: 'BIGINT', user: 'VARCHAR', amount: 'DECIMAL(8,2)', ts: 'TIMESTAMPTZ'})),
a AS (SELECT r.id::BIGINT AS id, r.user AS user, r.amount::INTEGER AS amount, r.ts::TIMESTAMPTZ AS ts, r.tags AS tags
  FROM (SELECT unnest(data.rows) AS r FROM read_json('app.json'))),
e AS (SELECT *, 'web' AS channel FROM w UNION ALL SELECT id, user, amount, ts, 'app' FROM a)
SELECT id, list_transform(tags, lambda t: upper(t) || amount::VARCHAR) AS marked, list_filter(tags, lambda t: t > 'w') AS few, array_to_string(tags, '') AS joined, list_contains(tags, 'x') AS has_x, list_sort(tags) AS sorted, len(tags) AS n FROM a
