WITH n AS (FROM read_csv('notes.csv', header = true, delim = '|', columns = {id: 'INTEGER', kind: 'VARCHAR', text: 'VARCHAR'})),
p AS (
  SELECT id, CASE kind WHEN 'de' THEN try_strptime(text, '%d.%m.%Y %H:%M') AT TIME ZONE 'Europe/Berlin' WHEN 'us' THEN try_strptime(text, '%m/%d/%Y %I:%M:%S %p') AT TIME ZONE 'UTC'
    WHEN 'iso' THEN CASE WHEN length(text) > 10 THEN try_cast(text AS TIMESTAMPTZ) END ELSE try_strptime(text, '%y%m%d') AT TIME ZONE 'UTC' END AS "at"
  FROM n
)
SELECT 'parsed' AS flow, 'expression' AS class FROM p WHERE "at" IS NULL
