WITH c AS (SELECT * FROM read_json('parts-*.ndjson', format = 'newline_delimited', columns = {op: 'VARCHAR', lsn: 'BIGINT', part_id: 'BIGINT', name: 'VARCHAR', amount: 'INTEGER', place: 'VARCHAR'})),
p AS (SELECT part_id, name, amount, place FROM (SELECT * FROM c QUALIFY row_number() OVER (PARTITION BY part_id ORDER BY lsn DESC) = 1) WHERE op <> 'D'),
m AS (SELECT * FROM read_csv('moves.csv', header = true, quote = '"', escape = '"', parallel = false, columns = {move_id: 'BIGINT', part: 'BIGINT', amount: 'INTEGER', moved: 'TIMESTAMPTZ', note: 'VARCHAR'}))
SELECT coalesce(note, '-') AS note, count(*) AS n, first(move_id ORDER BY moved, move_id) AS first_move, max(last_day((moved AT TIME ZONE 'UTC')::DATE)) AS last_day FROM m WHERE amount <> 0 GROUP BY 1
