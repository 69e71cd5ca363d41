WITH e AS (FROM read_json('events-*.ndjson', columns = {ticket: 'INTEGER', state: 'VARCHAR', by_whom: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
s AS (
  SELECT *, lag(state) OVER w AS was, lag(by_whom) OVER w AS by_before FROM e WINDOW w AS (PARTITION BY ticket ORDER BY "at") QUALIFY lag(state) OVER w <> state
), f AS (SELECT ticket, by_whom, min("at") AS "at" FROM s WHERE was = 'closed' AND by_whom IS NOT NULL GROUP BY ALL),
w AS (SELECT ticket, list(by_whom ORDER BY "at") AS who FROM f GROUP BY ticket)
SELECT ticket, count(*) AS times, max("at") AS last_time, coalesce(any_value(who), []) AS who FROM s LEFT JOIN w USING (ticket) WHERE was = 'closed' GROUP BY ticket
