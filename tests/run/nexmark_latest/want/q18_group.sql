SELECT bidder, auction, count(*) AS bids, arg_max(price, dateTime) AS price, max(dateTime) AS latest
FROM read_json('bids.ndjson', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})
GROUP BY bidder, auction HAVING count(*) > 1
