WITH m AS (FROM read_csv('messages.csv', header = true, columns = {ticket: 'INTEGER', sender: 'VARCHAR', staff: 'BOOLEAN', text: 'VARCHAR', "at": 'TIMESTAMPTZ'}))
SELECT ticket, count(*) AS open_messages, string_agg(text, '; ' ORDER BY "at") AS texts
FROM m WHERE NOT staff AND NOT EXISTS (FROM m AS s WHERE s.ticket = m.ticket AND s.staff AND s."at" > m."at") GROUP BY ticket
