WITH placed AS (SELECT *, row_number() OVER (PARTITION BY auction ORDER BY price DESC) AS place FROM read_json('bids.ndjson', format = 'newline_delimited', columns = {auction: 'BIGINT', price: 'BIGINT'}))
SELECT r.auction, r.price, w.price - r.price AS behind FROM placed r JOIN placed w ON r.auction = w.auction AND w.place = 1 WHERE r.place = 2
