WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})),
hops AS (SELECT *, make_timestamptz((epoch_us(dateTime) // 30000000 - h) * 30000000) AS window_start FROM bid, range(2) AS r(h)),
counts AS (SELECT window_start, window_start + INTERVAL '60 seconds' AS window_end, auction, count(*) AS bids FROM hops GROUP BY ALL)
SELECT *, row_number() OVER w AS place FROM counts
WINDOW w AS (PARTITION BY window_start ORDER BY bids DESC, auction) QUALIFY row_number() OVER w <= 3
