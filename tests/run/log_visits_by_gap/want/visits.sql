WITH h AS (FROM read_json('hits.ndjson', columns = {id: 'BIGINT', user: 'VARCHAR', page: 'VARCHAR', ts: 'TIMESTAMPTZ'})),
m AS (
  SELECT *, lag(page) OVER w AS prior_page, coalesce(ts - lag(ts) OVER w > INTERVAL 30 MINUTES, true) AS is_new
  FROM h WINDOW w AS (PARTITION BY user ORDER BY ts, id)
), n AS (SELECT *, count(*) FILTER (is_new) OVER (PARTITION BY user ORDER BY ts, id) AS visit FROM m)
SELECT user, visit, min(ts) AS "begin", count(*) AS pages, string_agg(page, '>' ORDER BY ts, id) AS path,
  (epoch(max(ts)) - epoch(min(ts)))::BIGINT AS seconds, count(*) FILTER (page = prior_page AND NOT is_new) AS reloads
FROM n GROUP BY user, visit
