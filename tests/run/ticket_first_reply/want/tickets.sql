WITH m AS (FROM read_csv('messages.csv', header = true, columns = {ticket: 'INTEGER', sender: 'VARCHAR', staff: 'BOOLEAN', text: 'VARCHAR', "at": 'TIMESTAMPTZ'}))
SELECT ticket, min("at") AS opened, min("at") FILTER (staff) AS first_reply, arg_min(text, "at") FILTER (staff) AS first_answer, arg_max(text, "at") FILTER (NOT staff) AS last_by_customer,
  count(*) AS messages, count(*) FILTER (staff) / count(*) AS staff_share, count(DISTINCT sender) FILTER (staff OR length(text) > 3) AS people,
  (epoch(min("at") FILTER (staff)) - epoch(min("at")))::BIGINT AS waited
FROM m GROUP BY ticket
