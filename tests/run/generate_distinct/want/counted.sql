SELECT house, row, 10::bigint AS n, 10::bigint AS different
FROM (VALUES ('north'), ('south')) AS h (house), range(1, 6) AS r (row)
