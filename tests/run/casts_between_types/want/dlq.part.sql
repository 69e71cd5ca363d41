WITH r AS (FROM read_json('rows.ndjson', columns = {id: 'INTEGER', n: 'BIGINT', d: 'DECIMAL(10,4)', f: 'DOUBLE', b: 'BOOLEAN', day: 'DATE', "at": 'TIMESTAMPTZ', t: 'VARCHAR'})),
x AS (SELECT *, CASE WHEN regexp_full_match(t, '-?\d+') THEN t::BIGINT END AS whole FROM r)
SELECT 'strict' AS flow, 'X006' AS code FROM x WHERE id % 3 = 0 AND (whole IS NULL OR abs(round(d, 2)) >= 10000)
