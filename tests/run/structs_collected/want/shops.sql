WITH s AS (FROM read_json('sales.ndjson', columns = {id: 'INTEGER', shop: 'VARCHAR', item: 'STRUCT(sku VARCHAR, price DECIMAL(8,2))', tags: 'VARCHAR[]', "at": 'TIMESTAMPTZ'})), f AS (SELECT shop, item.sku AS sku, min(("at", id)) AS first FROM s GROUP BY ALL),
k AS (SELECT shop, list(sku ORDER BY first) AS kinds FROM f GROUP BY shop),
g AS (
  SELECT shop, coalesce(list(item ORDER BY "at", id) FILTER (item.price > 5), []) AS items, any_value(kinds) AS kinds, first(item ORDER BY "at", id) AS first_item,
    first(item ORDER BY item.price DESC, "at", id) FILTER (item.price IS NOT NULL) AS dearest, last(tags ORDER BY "at", id) FILTER (tags IS NOT NULL) AS tags_of_last, count(DISTINCT tags) AS tag_lists,
    list({id: id, n: len(tags)} ORDER BY "at", id) AS line
  FROM s JOIN k USING (shop) GROUP BY shop
)
SELECT *, list_transform(items, lambda i: i.price) AS prices, list_sum(list_transform(items, lambda i: i.price)) AS total FROM g
