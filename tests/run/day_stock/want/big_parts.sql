WITH c AS (SELECT * FROM read_json('parts-*.ndjson', format = 'newline_delimited', columns = {op: 'VARCHAR', lsn: 'BIGINT', part_id: 'BIGINT', name: 'VARCHAR', amount: 'INTEGER', place: 'VARCHAR'})),
p AS (SELECT part_id, name, amount, place FROM (SELECT * FROM c QUALIFY row_number() OVER (PARTITION BY part_id ORDER BY lsn DESC) = 1) WHERE op <> 'D'),
m AS (SELECT * FROM read_csv('moves.csv', header = true, quote = '"', escape = '"', parallel = false, columns = {move_id: 'BIGINT', part: 'BIGINT', amount: 'INTEGER', moved: 'TIMESTAMPTZ', note: 'VARCHAR'}))
SELECT part_id, upper(name) || '@' || place AS label, amount FROM p WHERE amount > 25 AND place IS NOT NULL
