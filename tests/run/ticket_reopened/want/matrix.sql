WITH e AS (FROM read_json('events-*.ndjson', columns = {ticket: 'INTEGER', state: 'VARCHAR', by_whom: 'VARCHAR', "at": 'TIMESTAMPTZ'})),
s AS (
  SELECT *, lag(state) OVER w AS was, lag(by_whom) OVER w AS by_before FROM e WINDOW w AS (PARTITION BY ticket ORDER BY "at") QUALIFY lag(state) OVER w <> state
)
SELECT was, state, count(*) AS steps, count(DISTINCT ticket) AS tickets, count(*) FILTER (by_whom = by_before) AS same_person FROM s GROUP BY ALL
