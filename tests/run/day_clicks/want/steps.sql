WITH RECURSIVE c AS (SELECT row_number() OVER () AS n, * REPLACE (strptime("day", '%d.%m.%Y')::DATE AS "day") FROM read_json('clicks.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', user: 'VARCHAR', page: 'VARCHAR', ms: 'INTEGER', day: 'VARCHAR', agent: 'VARCHAR', ts: 'TIMESTAMPTZ'}))
SELECT id, user, page, ms, "day", agent, ts, row_number() OVER w AS step, lag(page) OVER w AS before, max(ms) OVER w AS slowest, avg(ms) OVER w AS mean,
  count(*) FILTER (page = '/cart') OVER w AS carts, first(page) OVER w AS first_page, coalesce(list(id) FILTER (page = '/pay') OVER w, []) AS ids
  FROM c WINDOW w AS (PARTITION BY user ORDER BY ts, n ROWS UNBOUNDED PRECEDING) QUALIFY step % 5 = 0
