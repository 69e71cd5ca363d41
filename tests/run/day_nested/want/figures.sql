WITH d AS (SELECT row_number() OVER () AS n, * FROM read_json('docs.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', ts: 'TIMESTAMPTZ', who: 'STRUCT(name VARCHAR, town VARCHAR)',
  lines: 'STRUCT(sku VARCHAR, n INTEGER, price DECIMAL(6,2))[]', labels: 'MAP(VARCHAR, VARCHAR)', score: 'INTEGER', flag: 'BOOLEAN'}))
SELECT flag, count(*) AS n, count(score) AS scores, count(DISTINCT score) AS kinds, avg(score) AS mean, round(stddev_samp(score), 9) AS spread, median(score) AS middle, quantile_cont(score::DOUBLE, 0.33) AS third,
  bool_and(score > 3) AS all_high, bool_or(score > 3) AS some_high, min(ts) AS earliest, first(who.town ORDER BY ts, n) FILTER (who.town IS NOT NULL) AS first_town,
  list_sort(list(DISTINCT who.town) FILTER (who.town IS NOT NULL)) AS towns, sum(score) / count(*) AS share, first(id ORDER BY score, ts, n) FILTER (score IS NOT NULL) AS best FROM d GROUP BY flag
