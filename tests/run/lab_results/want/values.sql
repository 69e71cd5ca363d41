WITH p AS (
  FROM read_json('reports.ndjson', columns = {report: 'VARCHAR', patient: 'STRUCT(id BIGINT, sex VARCHAR, born DATE)',
    results: 'STRUCT(test VARCHAR, value DECIMAL(8,3), unit VARCHAR, flags VARCHAR[])[]', taken: 'TIMESTAMPTZ'})
), g AS (FROM read_csv('ranges.csv', header = true, columns = {test: 'VARCHAR', sex: 'VARCHAR', low: 'DECIMAL(8,3)', high: 'DECIMAL(8,3)'})),
u AS (SELECT report, patient, taken, unnest(results) AS r FROM p)
SELECT report, patient.id AS patient_id, date_sub('year', patient.born, taken::DATE) AS age, r.test AS test, r.value AS value, r.unit AS unit,
  CASE WHEN r.value < low THEN 'low' WHEN r.value > high THEN 'high' ELSE 'ok' END AS state
FROM u JOIN g ON r.test = g.test AND (g.sex IS NULL OR g.sex = patient.sex)
WHERE r.value IS NOT NULL AND NOT list_has_any(r.flags, ['hemolytic', 'test'])
