SELECT id, list_transform(scores, lambda x: 100 // coalesce(x, 100))[1] AS share
FROM read_json('orders.ndjson', format = 'newline_delimited', columns = {
  id: 'BIGINT', customer: 'STRUCT(name VARCHAR, address STRUCT(city VARCHAR, zip VARCHAR))',
  lines: 'STRUCT(sku VARCHAR, price DECIMAL(8, 2), quantity INTEGER)[]',
  labels: 'MAP(VARCHAR, BIGINT)', scores: 'BIGINT[]'})
WHERE NOT list_contains(coalesce(scores, []), 0)
