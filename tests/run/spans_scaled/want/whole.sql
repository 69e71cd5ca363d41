SELECT n::TINYINT AS n, sum(t)::BIGINT AS total, round(sum(t)::DECIMAL(38, 4) / count(t))::BIGINT AS mean, min(t) AS least, max(t) AS most
FROM read_json('visits.ndjson', columns = {n: 'BIGINT', t: 'BIGINT'})
WHERE t < 86400000000000
GROUP BY n
