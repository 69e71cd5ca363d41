WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})),
auction AS (SELECT * FROM read_json('auctions.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', itemName: 'VARCHAR', description: 'VARCHAR', initialBid: 'BIGINT', reserve: 'BIGINT', dateTime: 'TIMESTAMPTZ', expires: 'TIMESTAMPTZ', seller: 'BIGINT', category: 'INTEGER', extra: 'VARCHAR'}))
SELECT b.auction, b.bidder, b.price, b.channel, b.dateTime AS bid_time, a.itemName, a.initialBid, a.reserve,
  a.dateTime AS auction_time, a.expires, a.seller
FROM bid b JOIN auction a ON b.auction = a.id WHERE a.category = 10
