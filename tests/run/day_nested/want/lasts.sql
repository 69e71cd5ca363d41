WITH d AS (SELECT row_number() OVER () AS n, * FROM read_json('docs.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', ts: 'TIMESTAMPTZ', who: 'STRUCT(name VARCHAR, town VARCHAR)',
  lines: 'STRUCT(sku VARCHAR, n INTEGER, price DECIMAL(6,2))[]', labels: 'MAP(VARCHAR, VARCHAR)', score: 'INTEGER', flag: 'BOOLEAN'}))
SELECT id, ts, who.name AS name, flag FROM d QUALIFY row_number() OVER (PARTITION BY who.name, flag ORDER BY n DESC) = 1
