-- Everything is counted from what was written, and what the contract promises is asked there.
SELECT CASE WHEN bool_and(customer_id BETWEEN 1 AND 500 AND amount > 0 AND amount < 1000 AND fee >= 0.5 AND fee < 2
                          AND length(country) = 2 AND regexp_full_match(code, '(A|B-)[A-Z0-9]{3}-[0-9]{4}')
                          AND starts_with(sku, 'SKU_') AND currency IN ('EUR', 'USD', 'GBP')
                          AND status IN ('open', 'paid', 'refunded') AND due >= ts
                          AND (email IS NULL OR regexp_full_match(email, '[a-z]+@[a-z]{3,8}\.example'))
                          AND (note IS NOT NULL OR ok) AND small % 7 = 0 AND total = amount * 2
                          AND second(seen) = 0)
            THEN count(*) END AS n,
       count(DISTINCT order_id) AS orders,
       count(DISTINCT code) AS codes,
       sum(amount) AS amount,
       sum(total) AS total,
       count(DISTINCT customer_id) AS customers,
       sum(len(lines)) AS lines,
       count(*) FILTER (WHERE note IS NULL) AS nulls,
       min(ts) AS first,
       max(ts) AS last,
       md5(string_agg(code, ',' ORDER BY ts, order_id)) AS text
FROM 'raw/*.parquet'
