SELECT max(bids) AS most FROM (SELECT count(*) AS bids FROM read_json('bids.ndjson', format = 'newline_delimited', columns = {auction: 'BIGINT', price: 'BIGINT'}) GROUP BY auction)
