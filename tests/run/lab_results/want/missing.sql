WITH p AS (
  FROM read_json('reports.ndjson', columns = {report: 'VARCHAR', patient: 'STRUCT(id BIGINT, sex VARCHAR, born DATE)',
    results: 'STRUCT(test VARCHAR, value DECIMAL(8,3), unit VARCHAR, flags VARCHAR[])[]', taken: 'TIMESTAMPTZ'})
), g AS (FROM read_csv('ranges.csv', header = true, columns = {test: 'VARCHAR', sex: 'VARCHAR', low: 'DECIMAL(8,3)', high: 'DECIMAL(8,3)'})),
u AS (SELECT report, patient, taken, unnest(results) AS r FROM p), c AS (SELECT report, count(*) AS results, count(*) FILTER (r.value IS NULL) AS without_value, max(len(r.flags)) AS flags FROM u GROUP BY report)
SELECT report, coalesce(c.results, 0) AS results, coalesce(without_value, 0) AS without_value, flags FROM p LEFT JOIN c USING (report)
WHERE c.results IS NULL OR without_value > 0 OR c.results = 0
