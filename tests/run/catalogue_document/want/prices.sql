WITH p AS (
  SELECT unnest(catalogue.products, max_depth := 2)
  FROM read_json('catalogue.json', columns = {catalogue: 'STRUCT(products STRUCT(id VARCHAR, name STRUCT(de VARCHAR, en VARCHAR), variants STRUCT(size VARCHAR, prices MAP(VARCHAR, DECIMAL(8,2)), stock INTEGER)[], notes VARCHAR)[])'})
), v AS (SELECT id, name, unnest(variants) AS v FROM p),
c AS (SELECT *, unnest(map_keys(v.prices)) AS currency FROM v)
SELECT id AS sku, coalesce(name.de, name.en) AS name, v.size AS size, currency, v.prices[currency] AS price, coalesce(v.stock, 0) AS stock FROM c
