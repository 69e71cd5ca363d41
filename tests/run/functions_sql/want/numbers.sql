SELECT id, ceil(d)::DECIMAL(8,0) AS up, floor(d)::DECIMAL(8,0) AS down, round(d, 1)::DECIMAL(9,1) AS near, round(sqrt(abs(d)), 9) AS root, power(a, 2) AS power,
  greatest(a, b) AS greatest, least(a, b) AS least, to_hex(id) AS hex FROM read_csv('rows.csv', header = true, columns = {id: 'BIGINT', a: 'BIGINT', b: 'BIGINT', d: 'DECIMAL(9,2)', s: 'VARCHAR', f: 'BOOLEAN', t: 'TIMESTAMPTZ'})
