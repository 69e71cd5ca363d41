SELECT id, name, "at"::TIMESTAMPTZ AS "at", tags::VARCHAR[] AS tags FROM 'new.ndjson'
