WITH changes AS (
  SELECT article::bigint AS article, price::decimal(8, 2) AS price, "at"::timestamptz AS valid_from
  FROM (SELECT * FROM 'before.csv' UNION ALL SELECT * FROM 'late.csv')
  WHERE op = 'set' AND "at" > (SELECT max("at") FROM 'late.csv' WHERE op = 'emptied')
)
SELECT article, price, valid_from,
       lead(valid_from) OVER w AS valid_to,
       lead(valid_from) OVER w IS NULL AS is_current
FROM changes
WINDOW w AS (PARTITION BY article ORDER BY valid_from)
