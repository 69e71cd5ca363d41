WITH e AS (
  SELECT coalesce(payload, {before: "before", after: "after", source: source, op: op}) AS e
  FROM read_json('accounts-*.ndjson', columns = {
    payload: 'STRUCT("before" STRUCT(id BIGINT), "after" STRUCT(id BIGINT, owner VARCHAR, balance VARCHAR, changed TIMESTAMPTZ), source STRUCT(lsn BIGINT), op VARCHAR)',
    "before": 'STRUCT(id BIGINT)', "after": 'STRUCT(id BIGINT, owner VARCHAR, balance VARCHAR, changed TIMESTAMPTZ)', source: 'STRUCT(lsn BIGINT)', op: 'VARCHAR'})
), n AS (SELECT e.after AS a, e.op AS op FROM e QUALIFY row_number() OVER (PARTITION BY coalesce(e.after.id, e.before.id) ORDER BY e.source.lsn DESC) = 1)
SELECT a.id AS id, trim(a.owner) AS owner, a.balance::DECIMAL(12, 2) AS balance, a.changed AS changed FROM n WHERE op <> 'd' AND a.balance::DECIMAL(12, 2) >= 0
