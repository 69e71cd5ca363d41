WITH r AS (FROM read_parquet('rides/*.parquet'))
SELECT zone, cash, count(*) AS rides, sum(fare) AS fares, sum(tip) AS tips, round(avg(km), 9) AS mean_km, max(began) AS latest,
  first(day ORDER BY tip DESC, began) FILTER (tip IS NOT NULL) AS best_tip_day, sum(len(stops))::BIGINT AS stops
FROM r WHERE fare >= 0 GROUP BY zone, cash
