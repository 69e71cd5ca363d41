SELECT customer.address.city AS city, customer.address.zip AS zip,
       coalesce(labels['red'], 0) AS few, count(*) AS orders, max(scores)[1] AS first
FROM read_json('orders.ndjson', format = 'newline_delimited', columns = {
  id: 'BIGINT', customer: 'STRUCT(name VARCHAR, address STRUCT(city VARCHAR, zip VARCHAR))',
  lines: 'STRUCT(sku VARCHAR, price DECIMAL(8, 2), quantity INTEGER)[]',
  labels: 'MAP(VARCHAR, BIGINT)', scores: 'BIGINT[]'})
GROUP BY customer.address, coalesce(labels['red'], 0)
