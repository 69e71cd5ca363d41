SELECT NULL::BIGINT AS id, id AS other FROM read_json('views.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', ad: 'VARCHAR', page: 'VARCHAR', score: 'INTEGER', ts: 'TIMESTAMPTZ'})
