WITH t AS (
  SELECT *, epoch_us(closed) - epoch_us(opened) - coalesce(paused, 0) AS took, CASE priority WHEN 'urgent' THEN 4 WHEN 'high' THEN 24 ELSE 120 END AS hours
  FROM read_json('tickets.ndjson', columns = {id: 'INTEGER', priority: 'VARCHAR', opened: 'TIMESTAMPTZ', closed: 'TIMESTAMPTZ', paused: 'BIGINT'})
)
SELECT id, priority, opened + to_hours(hours) AS due, took, round(took / 3600000000, 4) AS hours, took > hours * 3600000000 AS is_late, closed IS NULL AS is_open FROM t
