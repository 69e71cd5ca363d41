SELECT shop, sum(sold)::bigint AS sold, max(goal) AS goal, sum(sold)::bigint * 100 // max(goal) AS percent
FROM read_json('in/*.ndjson', format = 'newline_delimited', columns = {shop: 'varchar', goal: 'bigint', sold: 'bigint'})
GROUP BY shop
HAVING max(goal) <> 0
