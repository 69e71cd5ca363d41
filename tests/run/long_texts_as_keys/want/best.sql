WITH v AS (FROM read_csv('visits-*.csv', header = true, columns = {url: 'VARCHAR', agent: 'VARCHAR', ms: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT agent, max(url) AS url FROM v GROUP BY agent
