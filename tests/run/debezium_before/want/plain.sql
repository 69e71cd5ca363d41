select id, null as before, null as told_at from read_json('plain.ndjson')
