WITH t AS (
  SELECT *, left(md5('test-7:' || user), 1) AS digit
  FROM read_json('trials.ndjson', columns = {user: 'VARCHAR', success: 'BOOLEAN', value: 'DOUBLE'})
)
SELECT CASE WHEN digit IN ('0', '1', '2', '3', '4', '5') THEN 'a' ELSE 'b' END AS variant, count(DISTINCT user) AS users, count(*) AS trials, count(*) FILTER (success) AS successes,
  count(*) FILTER (success) / count(*) AS rate, round(avg(value), 9) AS mean, round(stddev_samp(value), 9) AS deviation, round(sqrt(var_samp(value) / count(value)), 9) AS error
FROM t WHERE digit NOT IN ('c', 'd', 'e', 'f') GROUP BY variant
