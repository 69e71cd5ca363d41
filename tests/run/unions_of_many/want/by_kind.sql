WITH a AS (FROM read_csv('a.csv', header = true, columns = {id: 'SMALLINT', kind: 'VARCHAR', value: 'INTEGER', note: 'VARCHAR'})),
e AS (
  SELECT id, kind, value::DECIMAL(12, 2) AS value, note FROM a
  UNION ALL SELECT id, kind, value, NULL FROM read_json('b.ndjson', columns = {id: 'BIGINT', kind: 'VARCHAR', value: 'DECIMAL(6,2)'})
  UNION ALL SELECT a.id, kind, value, 'small' FROM a, (VALUES (1), (2)) AS twice WHERE value < 10
)
SELECT kind, count(*) AS rows, sum(value) AS total, count(note) AS notes, max(id) AS most FROM e GROUP BY kind
