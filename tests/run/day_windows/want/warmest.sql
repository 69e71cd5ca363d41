WITH r AS (SELECT * FROM read_csv('reads.csv', header = true, columns = {id: 'BIGINT', place: 'VARCHAR', degrees: 'DECIMAL(5,1)', ts: 'TIMESTAMPTZ'}))
SELECT ts::DATE AS day, place, row_number() OVER w AS rank, degrees, id FROM r WHERE degrees IS NOT NULL WINDOW w AS (PARTITION BY ts::DATE, place ORDER BY degrees DESC, ts, id) QUALIFY row_number() OVER w <= 2
