WITH t AS (FROM read_csv('transfers.csv', header = true, columns = {company: 'VARCHAR', person: 'INTEGER', team: 'VARCHAR', seq: 'BIGINT', withdrawn: 'BOOLEAN', since: 'TIMESTAMPTZ'})),
b AS (
  SELECT *, coalesce(withdrawn <> lag(withdrawn) OVER w OR (NOT withdrawn AND team <> lag(team) OVER w), true) AS begins
  FROM t WINDOW w AS (PARTITION BY company, person ORDER BY since)
),
e AS (SELECT *, lead(since) OVER (PARTITION BY company, person ORDER BY since) AS valid_to FROM b WHERE begins)
SELECT company, count(*) AS versions, count(*) AS ids, count(*) FILTER (valid_to IS NULL) AS open, count(DISTINCT person) AS people FROM e WHERE NOT withdrawn GROUP BY company
