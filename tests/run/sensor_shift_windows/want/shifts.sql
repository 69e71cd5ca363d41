WITH c AS (
  SELECT *, CASE WHEN hour("at") < 6 THEN "at"::DATE - 1 ELSE "at"::DATE END AS day, hour("at") AS h
  FROM read_csv('counts.csv', header = true, columns = {machine: 'VARCHAR', pieces: 'INTEGER', bad: 'INTEGER', "at": 'TIMESTAMPTZ'})
), s AS (
  SELECT *, CASE WHEN h BETWEEN 6 AND 13 THEN 'early' WHEN h BETWEEN 14 AND 21 THEN 'late' ELSE 'night' END AS shift,
    CASE WHEN h BETWEEN 6 AND 13 THEN 14 WHEN h BETWEEN 14 AND 21 THEN 22 ELSE 30 END AS until FROM c
)
SELECT day, shift, machine, sum(pieces)::BIGINT AS pieces, sum(bad)::BIGINT AS bad, count(*) AS rounds, (day + to_hours(until))::TIMESTAMPTZ AS ends
FROM s GROUP BY day, shift, machine, until
