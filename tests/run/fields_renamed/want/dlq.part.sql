WITH s AS (
  SELECT coalesce(j ->> 'saleId', j ->> 'id')::BIGINT AS sale_id, coalesce(j ->> 'netAmount', j ->> 'amount', j ->> 'net')::DECIMAL(10, 2) AS net,
    CASE WHEN json_exists(j, '$.rate') THEN (j ->> 'rate')::DECIMAL(4, 3) ELSE 0.190 END AS rate, coalesce(j ->> 'country', 'DE') AS country, coalesce((j ->> 'paid')::BOOLEAN, false) AS paid,
    (j ->> 'soldAt')::TIMESTAMPTZ AS sold_at
  FROM (SELECT json AS j FROM read_ndjson_objects('sales.ndjson'))
)
SELECT 'contract' AS class, 'pattern "^[A-Z]{2}$"' AS expression FROM s WHERE country = 'fr'
