WITH c AS (SELECT * FROM read_csv('changes.csv', header = true, columns = {seq: 'BIGINT', id: 'BIGINT', tier: 'VARCHAR', country: 'VARCHAR', op: 'VARCHAR', ts: 'TIMESTAMPTZ'})),
o AS (SELECT *, lag(op) OVER w AS op_before, lag(tier) OVER w AS tier_before, lead(ts) OVER w AS next_ts FROM c WINDOW w AS (PARTITION BY id ORDER BY ts)),
b AS (SELECT *, lead(ts) OVER (PARTITION BY id ORDER BY ts) AS until FROM o
  WHERE op_before IS NULL OR op <> op_before OR (op = 'upsert' AND tier <> tier_before)),
h AS (SELECT id, tier, ts AS valid_from, until AS valid_to, until IS NULL AS is_current FROM b WHERE op = 'upsert')
SELECT seq, id, tier, country, ts FROM (SELECT * FROM c QUALIFY row_number() OVER (PARTITION BY id ORDER BY ts DESC) = 1) WHERE op = 'upsert'
