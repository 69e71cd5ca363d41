WITH h AS (
  SELECT *, regexp_extract(url, '^(\w+)://([^/?#:]+)(:\d+)?([^?#]*)(\?[^#]*)?(#.*)?$', ['proto', 'host', 'port', 'path', 'query', 'ref']) AS p,
    CASE WHEN regexp_full_match(ip, '((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])') THEN string_split(ip, '.')::BIGINT[] END AS ns
  FROM read_json('hits.ndjson', columns = {id: 'INTEGER', ip: 'VARCHAR', url: 'VARCHAR', mail: 'VARCHAR'})
), n AS (SELECT *, ((ns[1] * 256 + ns[2]) * 256 + ns[3]) * 256 + ns[4] AS number, CASE WHEN ns IS NOT NULL THEN array_to_string(ns[1:3], '.') || '.0' END AS network FROM h)
SELECT network, count(*) AS hits, count(DISTINCT ip) AS visitors, min(number) AS least FROM n WHERE ns IS NOT NULL GROUP BY network
