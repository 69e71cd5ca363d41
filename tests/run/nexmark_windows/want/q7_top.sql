WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'}))
SELECT make_timestamptz(epoch_us(dateTime) // 10000000 * 10000000) AS window_start, auction, price, bidder FROM bid
QUALIFY row_number() OVER (PARTITION BY window_start ORDER BY price DESC, dateTime) = 1
