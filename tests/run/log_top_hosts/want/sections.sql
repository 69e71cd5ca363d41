WITH u AS (FROM read_csv('urls.csv', header = true, columns = {url: 'VARCHAR'})),
m AS (SELECT url, regexp_extract(url, '^(\w+)://([^/?#:]+)(:\d+)?([^?#]*)(\?[^#]*)?(#.*)?$', ['proto', 'host', 'port', 'path', 'query', 'ref']) AS p FROM u),
p AS (
  SELECT lower(p.host) AS host, coalesce(string_split(p.path, '/')[2], '') AS section, nullif(p.query, '') AS query, p.proto = 'https' AS is_secure,
    CASE WHEN p.query LIKE '%lang=%' THEN regexp_extract(p.query, '[?&]lang=([^&]*)', 1) ELSE 'en' END AS language
  FROM m
), c AS (SELECT host, section, count(*) AS hits FROM p GROUP BY ALL)
SELECT host, section, hits, row_number() OVER w AS place FROM c WINDOW w AS (PARTITION BY host ORDER BY hits DESC, section DESC) QUALIFY row_number() OVER w <= 2
