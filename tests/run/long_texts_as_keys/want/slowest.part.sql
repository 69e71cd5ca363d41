WITH v AS (FROM read_csv('visits-*.csv', header = true, columns = {url: 'VARCHAR', agent: 'VARCHAR', ms: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT url, agent, ms, "at" FROM v WHERE url LIKE 'https://%' QUALIFY row_number() OVER (PARTITION BY url ORDER BY ms DESC) = 1
