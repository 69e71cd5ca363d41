WITH d AS (SELECT row_number() OVER () AS n, * FROM read_json('docs.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', ts: 'TIMESTAMPTZ', who: 'STRUCT(name VARCHAR, town VARCHAR)',
  lines: 'STRUCT(sku VARCHAR, n INTEGER, price DECIMAL(6,2))[]', labels: 'MAP(VARCHAR, VARCHAR)', score: 'INTEGER', flag: 'BOOLEAN'}))
SELECT id, ts, coalesce(who.name, '?') AS name, who.town AS town, labels['k1'] AS k1, cardinality(labels)::BIGINT AS n_labels, len(lines) AS n_lines,
  list_transform(lines, lambda l: l.sku) AS skus, len(list_filter(lines, lambda l: l.n > 2)) AS big,
  coalesce(list_sum(list_transform(lines, lambda l: l.price * l.n)), 0)::DECIMAL(20,2) AS total, len(list_filter(lines, lambda l: l.sku = 'a')) > 0 AS any_a,
  len(list_filter(lines, lambda l: l.n >= 5)) = 0 AS all_small, list_max(list_transform(lines, lambda l: l.price)) AS dearest FROM d
