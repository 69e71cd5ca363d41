SELECT auction, row_number() OVER w AS place, bidder, price, dateTime
FROM read_json('bids.ndjson', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})
WINDOW w AS (PARTITION BY auction ORDER BY price DESC, dateTime)
QUALIFY row_number() OVER w <= 10
