WITH r AS (FROM read_json('rows-*.ndjson', columns = {id: 'INTEGER', f: 'FLOAT', g: 'DOUBLE', n: 'SMALLINT'}))
SELECT id, f, f + 1::FLOAT AS sum, f * f AS product, f::DOUBLE * g AS wide, n / 4 AS ratio, g / f::DOUBLE AS quotient, f::DOUBLE * f::DOUBLE AS power, sqrt(abs(g)) AS root,
  round(g::VARCHAR::DECIMAL(30, 10), 2)::DOUBLE AS rounded, round(g::VARCHAR::DECIMAL(30, 10), 0)::DOUBLE AS whole, ceil(f)::BIGINT AS up, g % 3 AS rest, sign(g)::DOUBLE AS sign, f < g AS less
FROM r WHERE f <> 0
