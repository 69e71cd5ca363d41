WITH h AS (
  SELECT *, regexp_extract(url, '^(\w+)://([^/?#:]+)(:\d+)?([^?#]*)(\?[^#]*)?(#.*)?$', ['proto', 'host', 'port', 'path', 'query', 'ref']) AS p,
    CASE WHEN regexp_full_match(ip, '((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])') THEN string_split(ip, '.')::BIGINT[] END AS ns
  FROM read_json('hits.ndjson', columns = {id: 'INTEGER', ip: 'VARCHAR', url: 'VARCHAR', mail: 'VARCHAR'})
), n AS (SELECT *, ((ns[1] * 256 + ns[2]) * 256 + ns[3]) * 256 + ns[4] AS number, CASE WHEN ns IS NOT NULL THEN array_to_string(ns[1:3], '.') || '.0' END AS network FROM h)
SELECT id, number, network, ns IS NOT NULL AND (ns[1] IN (10, 127, 0) OR (ns[1] = 172 AND ns[2] BETWEEN 16 AND 31) OR (ns[1] = 192 AND ns[2] = 168)) AS is_private, lower(p.host) AS host,
  try_cast(substr(p.port, 2) AS BIGINT) AS port, CASE WHEN p.path = '' THEN '/' ELSE p.path END AS path, regexp_replace(url, '[?#].*$', '') AS page,
  CASE WHEN p.query LIKE '%q=two%' THEN 'two words' WHEN p.query LIKE '%q=%C3%' THEN 'ä b' END AS q,
  CASE WHEN p.query LIKE '%utm_source=mail' THEN 'mail' WHEN p.query LIKE '%utm_source=' THEN '' END AS campaign,
  CASE mail WHEN 'Ada@Example.com' THEN 'example.com' WHEN 'b.c@x.co.uk' THEN 'x.co.uk' END AS domain, left(split_part(coalesce(mail, ''), '@', 1), 3) AS user,
  length(url) - length(replace(url, 'a', '')) AS mark, CASE p.path WHEN '/a/Bä' THEN 'a-ba' WHEN '/banana%20split' THEN 'banana-20split' ELSE '' END AS slug
FROM n
