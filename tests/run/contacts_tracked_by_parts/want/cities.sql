WITH c AS (
  SELECT *, op = 'D' AS gone FROM read_json('contacts.ndjson', columns = {id: 'INTEGER', op: 'VARCHAR', lsn: 'BIGINT', tags: 'VARCHAR[]', home: 'STRUCT(city VARCHAR, zip VARCHAR)', visits: 'INTEGER', since: 'TIMESTAMPTZ'})
), b AS (
  SELECT *, lag(id) OVER w IS NULL OR gone <> lag(gone) OVER w OR (NOT gone AND (tags IS DISTINCT FROM lag(tags) OVER w OR home IS DISTINCT FROM lag(home) OVER w)) AS begins
  FROM c WINDOW w AS (PARTITION BY id ORDER BY since)
), v AS (SELECT *, count(*) FILTER (begins) OVER (PARTITION BY id ORDER BY since) AS version FROM b),
g AS (SELECT id, any_value(tags) AS tags, first(home ORDER BY since) AS home, last(visits ORDER BY lsn) AS visits, any_value(gone) AS gone, min(since) AS valid_from FROM v GROUP BY id, version),
e AS (SELECT *, lead(valid_from) OVER (PARTITION BY id ORDER BY valid_from) AS valid_to FROM g)
SELECT home.city AS city, count(*) AS versions, count(*) AS ids, count(DISTINCT id) AS contacts, (sum(visits) FILTER (valid_to IS NULL))::BIGINT AS visits FROM e WHERE NOT gone GROUP BY home.city
