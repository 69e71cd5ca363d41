WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})),
auction AS (SELECT * FROM read_json('auctions.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', itemName: 'VARCHAR', description: 'VARCHAR', initialBid: 'BIGINT', reserve: 'BIGINT', dateTime: 'TIMESTAMPTZ', expires: 'TIMESTAMPTZ', seller: 'BIGINT', category: 'INTEGER', extra: 'VARCHAR'})),
closing AS (SELECT b.auction, b.bidder, b.price, b.dateTime, a.seller, a.category, a.itemName, a.expires
  FROM bid b JOIN auction a ON b.auction = a.id AND b.dateTime BETWEEN a.dateTime AND a.expires)
SELECT category, avg(final) AS average
FROM (SELECT auction, category, max(price) AS final FROM closing GROUP BY ALL) GROUP BY category
