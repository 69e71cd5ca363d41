WITH p AS (
  SELECT unnest(catalogue.products, max_depth := 2)
  FROM read_json('catalogue.json', columns = {catalogue: 'STRUCT(products STRUCT(id VARCHAR, name STRUCT(de VARCHAR, en VARCHAR), variants STRUCT(size VARCHAR, prices MAP(VARCHAR, DECIMAL(8,2)), stock INTEGER)[], notes VARCHAR)[])'})
), s AS (
  SELECT list_sort(list_transform(variants, lambda v: v.size)) AS sizes, list_max(list_transform(variants, lambda v: v.prices['EUR'])) AS dearest,
    list_sum(list_transform(variants, lambda v: v.stock)) AS stock, notes FROM p
)
SELECT sizes, count(*) AS products, max(dearest) AS dearest, sum(stock)::BIGINT AS stock, count(notes) AS notes FROM s WHERE len(sizes) > 0 GROUP BY sizes
