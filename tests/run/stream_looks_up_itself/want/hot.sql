WITH counts AS (SELECT auction, count(*) AS bids FROM read_json('bids.ndjson') GROUP BY auction)
SELECT * FROM counts WHERE bids = (SELECT max(bids) FROM counts)
