SELECT item, price, day
FROM (SELECT item, price, day, row_number() OVER (PARTITION BY item ORDER BY run DESC, filename DESC, place DESC) AS nth
      FROM (SELECT *, CASE WHEN filename[4] IN ('m', 'n') THEN 1 WHEN filename[4] = 'a' THEN 3 ELSE 2 END AS run
            FROM (SELECT *, row_number() OVER () AS place
                  FROM read_json('in/*.ndjson', format = 'newline_delimited', filename = true,
                                 columns = {item: 'varchar', price: 'bigint', day: 'bigint'}))))
WHERE nth = 1
