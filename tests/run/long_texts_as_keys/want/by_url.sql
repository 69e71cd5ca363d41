WITH v AS (FROM read_csv('visits-*.csv', header = true, columns = {url: 'VARCHAR', agent: 'VARCHAR', ms: 'INTEGER', "at": 'TIMESTAMPTZ'}))
SELECT url, coalesce(name, 'another browser that nobody knows') AS name, count(*) AS visits, max(ms) AS slowest, last(v.agent ORDER BY "at", ms) FILTER (v.agent IS NOT NULL) AS last_agent
FROM v LEFT JOIN read_csv('agents.csv', header = true, columns = {agent: 'VARCHAR', name: 'VARCHAR'}) AS a ON v.agent = a.agent GROUP BY ALL
