WITH r AS (SELECT * FROM read_csv('reads.csv', header = true, columns = {id: 'BIGINT', place: 'VARCHAR', degrees: 'DECIMAL(5,1)', ts: 'TIMESTAMPTZ'}))
SELECT h AS window_start, h + INTERVAL 3 HOURS AS window_end, count(*) AS n, count(DISTINCT place) AS places, (sum(degrees) FILTER (place <> 'q'))::DECIMAL(15,1) AS total
  FROM r, (SELECT unnest(generate_series(TIMESTAMPTZ '2026-03-27 00:00:00Z', TIMESTAMPTZ '2026-04-03 00:00:00Z', INTERVAL 1 HOUR)) AS h) WHERE ts >= h AND ts < h + INTERVAL 3 HOURS GROUP BY h
