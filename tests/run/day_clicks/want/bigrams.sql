WITH RECURSIVE c AS (SELECT row_number() OVER () AS n, * REPLACE (strptime("day", '%d.%m.%Y')::DATE AS "day") FROM read_json('clicks.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', user: 'VARCHAR', page: 'VARCHAR', ms: 'INTEGER', day: 'VARCHAR', agent: 'VARCHAR', ts: 'TIMESTAMPTZ'}))
SELECT before, page, n FROM (SELECT before, page, count(*) AS n, min(ts) AS t FROM (SELECT lag(page) OVER (PARTITION BY user ORDER BY ts, n) AS before, page, ts FROM c) WHERE before IS NOT NULL GROUP BY ALL)
  QUALIFY row_number() OVER (PARTITION BY before ORDER BY n DESC, page DESC) = 1
