WITH merged AS (
  SELECT id, NULL AS city, NULL::BIGINT AS size FROM 'old.ndjson' WHERE id NOT IN (SELECT id FROM 'new.ndjson')
  UNION ALL
  SELECT id, city, len(tags) FROM 'new.ndjson'
)
SELECT city, count(*) AS people, sum(size)::BIGINT AS tags FROM merged GROUP BY city
