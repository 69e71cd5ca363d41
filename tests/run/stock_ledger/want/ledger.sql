SELECT id, item, change, ts, (sum(change) OVER w)::BIGINT AS stock, min(change) OVER w AS lowest, lag(change) OVER w AS "before",
  row_number() OVER w AS place, count(*) FILTER (change < 0) OVER w AS taken, (sum(change) FILTER (change > 0) OVER w)::BIGINT AS brought
FROM read_csv('movements.csv', header = true, columns = {id: 'BIGINT', item: 'VARCHAR', change: 'INTEGER', ts: 'TIMESTAMPTZ'})
WINDOW w AS (PARTITION BY item ORDER BY ts, id)
QUALIFY sum(change) OVER w < 40
