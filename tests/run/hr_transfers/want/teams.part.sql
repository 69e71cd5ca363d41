WITH t AS (FROM read_csv('transfers.csv', header = true, columns = {company: 'VARCHAR', person: 'INTEGER', team: 'VARCHAR', seq: 'BIGINT', withdrawn: 'BOOLEAN', since: 'TIMESTAMPTZ'})),
b AS (
  SELECT *, coalesce(withdrawn <> lag(withdrawn) OVER w OR (NOT withdrawn AND team <> lag(team) OVER w), true) AS begins
  FROM t WINDOW w AS (PARTITION BY company, person ORDER BY since)
),
e AS (SELECT *, lead(since) OVER (PARTITION BY company, person ORDER BY since) AS valid_to FROM b WHERE begins)
SELECT company, person, team, since AS valid_from, valid_to, valid_to IS NULL AS is_current FROM e WHERE NOT withdrawn
