SELECT * FROM read_json('rows.ndjson', format = 'newline_delimited', columns = {'id': 'INTEGER', 'name': 'VARCHAR', 'amount': 'DECIMAL(9, 2)', 'day': 'DATE', 'flag': 'BOOLEAN', 'share': 'DOUBLE'})
