WITH counts AS (SELECT auction, count(*) AS bids FROM read_json('bids.ndjson', format = 'newline_delimited', columns = {auction: 'BIGINT', price: 'BIGINT'}) GROUP BY auction)
SELECT auction, bids FROM counts WHERE bids = (SELECT max(bids) FROM counts)
