WITH n AS (FROM read_csv('notes.csv', header = true, delim = '|', columns = {id: 'INTEGER', kind: 'VARCHAR', text: 'VARCHAR'})),
p AS (
  SELECT id, CASE kind WHEN 'de' THEN try_strptime(text, '%d.%m.%Y %H:%M') AT TIME ZONE 'Europe/Berlin' WHEN 'us' THEN try_strptime(text, '%m/%d/%Y %I:%M:%S %p') AT TIME ZONE 'UTC'
    WHEN 'iso' THEN CASE WHEN length(text) > 10 THEN try_cast(text AS TIMESTAMPTZ) END ELSE try_strptime(text, '%y%m%d') AT TIME ZONE 'UTC' END AS "at"
  FROM n
)
SELECT id, "at", strftime("at", '%A, %-d. %B %Y, %-H:%M') AS long, strftime("at" AT TIME ZONE 'Asia/Tokyo', '%a %d-%b-%y') AS short, strftime("at", '%I:%M %p') AS american,
  strftime("at", '%Y/%j') AS day_in_year, 'Q' || quarter("at") || ' ' || year("at") AS quarter,
  strftime("at" AT TIME ZONE 'America/St_Johns', '%H:%M ') || CASE WHEN epoch("at" AT TIME ZONE 'America/St_Johns' AT TIME ZONE 'UTC') - epoch("at") = -9000 THEN '-02:30' ELSE '-03:30' END AS zone
FROM p WHERE "at" IS NOT NULL
