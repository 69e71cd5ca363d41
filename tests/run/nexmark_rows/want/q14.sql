SELECT auction, bidder, (0.908 * price)::DECIMAL(24, 3) AS price,
  CASE WHEN hour(dateTime) >= 8 AND hour(dateTime) <= 18 THEN 'dayTime'
       WHEN hour(dateTime) <= 6 OR hour(dateTime) >= 20 THEN 'nightTime' ELSE 'otherTime' END AS bidTimeType,
  dateTime, length(extra) - length(replace(extra, 'c', '')) AS c_counts
FROM (SELECT * FROM read_json('bids.ndjson', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})) bid
WHERE 0.908 * bid.price > 1000000 AND 0.908 * bid.price < 50000000
