WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', n: 'BIGINT', d: 'DECIMAL(10,4)', f: 'DOUBLE', b: 'BOOLEAN', day: 'DATE', "at": 'TIMESTAMPTZ', t: 'VARCHAR'})),
x AS (SELECT *, CASE WHEN regexp_full_match(t, '-?\d+') THEN t::BIGINT END AS whole FROM r)
SELECT id, try_cast(n AS SMALLINT) AS small, trunc(d)::BIGINT AS n_of_d, CASE WHEN abs(f) < 2147483648 THEN trunc(f)::INTEGER END AS n_of_f,
  try_cast(f::VARCHAR AS DECIMAL(8, 2)) AS d_of_f, try_cast(n AS DECIMAL(6, 1)) AS d_of_n, CASE WHEN abs(round(d, 2)) < 1000 THEN round(d, 2)::DECIMAL(5, 2) END AS narrow, d::DOUBLE AS f_of_d, n::DOUBLE AS f_of_n, b::INTEGER AS n_of_b, n <> 0 AS b_of_n,
  "at"::DATE AS day_of_at, day::TIMESTAMPTZ AS at_of_day, CASE WHEN t SIMILAR TO '-?\d+(\.\d+)?' THEN t::DECIMAL(12, 3) END AS number,
  CASE WHEN t LIKE '2026%' THEN t::TIMESTAMPTZ END AS time, CASE WHEN t = 'true' THEN true END AS truth
FROM x
