SELECT order_id, name FROM read_csv('orders.csv') o
LEFT JOIN (SELECT id, arg_max(name, "at") AS name FROM read_csv('changes.csv') GROUP BY id) c ON o.customer = c.id
