WITH t AS (
  SELECT *, epoch_us(closed) - epoch_us(opened) - coalesce(paused, 0) AS took, CASE priority WHEN 'urgent' THEN 4 WHEN 'high' THEN 24 ELSE 120 END AS hours
  FROM read_json('tickets.ndjson', columns = {id: 'INTEGER', priority: 'VARCHAR', opened: 'TIMESTAMPTZ', closed: 'TIMESTAMPTZ', paused: 'BIGINT'})
)
SELECT priority, count(*) AS tickets, count(*) FILTER (took > hours * 3600000000) AS late, count(*) FILTER (took IS NULL) AS open, max(took) AS longest FROM t GROUP BY priority
