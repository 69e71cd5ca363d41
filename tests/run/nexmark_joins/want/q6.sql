WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})),
auction AS (SELECT * FROM read_json('auctions.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', itemName: 'VARCHAR', description: 'VARCHAR', initialBid: 'BIGINT', reserve: 'BIGINT', dateTime: 'TIMESTAMPTZ', expires: 'TIMESTAMPTZ', seller: 'BIGINT', category: 'INTEGER', extra: 'VARCHAR'})),
closing AS (SELECT b.auction, b.bidder, b.price, b.dateTime, a.seller, a.category, a.itemName, a.expires
  FROM bid b JOIN auction a ON b.auction = a.id AND b.dateTime BETWEEN a.dateTime AND a.expires),
winner AS (SELECT * FROM closing QUALIFY row_number() OVER (PARTITION BY auction ORDER BY price DESC, dateTime) = 1)
SELECT seller, row_number() OVER (PARTITION BY seller ORDER BY dateTime) AS place,
  avg(price) OVER (PARTITION BY seller ORDER BY dateTime ROWS BETWEEN 9 PRECEDING AND CURRENT ROW) AS average FROM winner
