WITH t AS (FROM read_csv('today.csv', header = true, columns = {item: 'VARCHAR', pieces: 'INTEGER', place: 'VARCHAR'})),
y AS (FROM read_csv('yesterday.csv', header = true, columns = {item: 'VARCHAR', pieces: 'INTEGER', place: 'VARCHAR'}))
SELECT coalesce(t.item, y.item) AS item, CASE WHEN y.item IS NULL THEN 'new' WHEN t.item IS NULL THEN 'gone' ELSE 'other' END AS what, coalesce(t.pieces, 0) - coalesce(y.pieces, 0) AS difference
FROM t FULL JOIN y ON t.item = y.item WHERE t.item IS NULL OR y.item IS NULL OR t.pieces <> y.pieces OR coalesce(t.place, '') <> coalesce(y.place, '')
