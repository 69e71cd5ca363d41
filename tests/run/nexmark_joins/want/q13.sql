WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'}))
SELECT b.auction, b.bidder, b.price, b.dateTime, s.value FROM bid b JOIN read_csv('side.csv') s ON b.auction % 10 = s.key
