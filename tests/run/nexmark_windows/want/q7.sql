WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})),
best AS (SELECT make_timestamptz(epoch_us(dateTime) // 10000000 * 10000000) AS start, max(price) AS best FROM bid GROUP BY ALL)
SELECT auction, price, bidder, dateTime, extra FROM bid JOIN best ON price = best AND dateTime >= start AND dateTime < start + INTERVAL '10 seconds'
