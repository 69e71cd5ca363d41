WITH r AS (FROM read_parquet('rides/*.parquet'))
SELECT ride, round(fare::DOUBLE / km, 6) AS per_km, hour(began) AS hour, stops[1] AS first_stop FROM r WHERE km > 25 AND tip IS NOT NULL AND fare >= 0
