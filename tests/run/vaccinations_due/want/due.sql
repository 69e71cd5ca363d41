WITH d AS (
  SELECT person, vaccine, count(DISTINCT given) AS had, max(given) AS newest, count(*) FILTER (coalesce(batch, '') = '') AS no_batch
  FROM read_json('doses.ndjson', columns = {person: 'INTEGER', vaccine: 'VARCHAR', given: 'DATE', batch: 'VARCHAR'}) GROUP BY person, vaccine
), j AS (
  SELECT d.*, (newest + to_months(months))::DATE AS due
  FROM d LEFT JOIN read_csv('plans.csv', header = true, columns = {vaccine: 'VARCHAR', doses: 'INTEGER', months: 'INTEGER'}) AS p ON d.vaccine = p.vaccine WHERE doses IS NULL OR had < doses
)
SELECT person, vaccine, had, due, isodow(due) AS weekday, strftime(due, '%-d %B %Y') AS text, due < DATE '2026-06-30' AS is_over, no_batch FROM j
