WITH auction AS (SELECT * FROM read_json('auctions.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', itemName: 'VARCHAR', description: 'VARCHAR', initialBid: 'BIGINT', reserve: 'BIGINT', dateTime: 'TIMESTAMPTZ', expires: 'TIMESTAMPTZ', seller: 'BIGINT', category: 'INTEGER', extra: 'VARCHAR'}))
SELECT make_timestamptz(epoch_us(dateTime) // 10000000 * 10000000) AS window_start, window_start + INTERVAL '10 seconds' AS window_end, seller, count(*) AS auctions
FROM auction GROUP BY ALL
