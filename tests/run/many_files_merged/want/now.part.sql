WITH c AS (FROM read_csv('in/*.csv', header = true, columns = {id: 'INTEGER', state: 'VARCHAR', n: 'INTEGER', gone: 'BOOLEAN', day: 'INTEGER'}))
SELECT id, state, n, day FROM (FROM c QUALIFY row_number() OVER (PARTITION BY id ORDER BY day DESC, n DESC) = 1) WHERE NOT gone
