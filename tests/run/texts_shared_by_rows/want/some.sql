FROM read_json('in/*.ndjson', columns = {id: 'INTEGER', text: 'VARCHAR', title: 'VARCHAR', cuts: 'BIGINT[]'}) WHERE id % 3 <> 0
