WITH u AS (FROM read_csv('urls.csv', header = true, columns = {url: 'VARCHAR'})),
m AS (SELECT url, regexp_extract(url, '^(\w+)://([^/?#:]+)(:\d+)?([^?#]*)(\?[^#]*)?(#.*)?$', ['proto', 'host', 'port', 'path', 'query', 'ref']) AS p FROM u),
p AS (
  SELECT lower(p.host) AS host, coalesce(string_split(p.path, '/')[2], '') AS section, nullif(p.query, '') AS query, p.proto = 'https' AS is_secure,
    CASE WHEN p.query LIKE '%lang=%' THEN regexp_extract(p.query, '[?&]lang=([^&]*)', 1) ELSE 'en' END AS language
  FROM m
)
SELECT host, count(*) AS hits, count(*) FILTER (is_secure) AS secure, count(query) AS with_query, list_sort(list(DISTINCT language)) AS languages
FROM p GROUP BY host
