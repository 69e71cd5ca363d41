WITH bid AS (SELECT * FROM read_json('bids.ndjson.gz', format = 'newline_delimited', columns = {auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'TIMESTAMPTZ', extra: 'VARCHAR'})),
hops AS (SELECT *, make_timestamptz((epoch_us(dateTime) // 2000000 - h) * 2000000) AS window_start FROM bid, range(5) AS r(h)),
counts AS (SELECT window_start, window_start + INTERVAL '10 seconds' AS window_end, auction, count(*) AS bids FROM hops GROUP BY ALL)
SELECT window_start, window_end, max(bids) AS most FROM counts GROUP BY ALL
