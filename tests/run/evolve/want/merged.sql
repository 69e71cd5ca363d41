SELECT id, name, "at"::TIMESTAMPTZ AS "at", NULL::VARCHAR AS city, NULL::VARCHAR[] AS tags FROM 'old.ndjson' WHERE id NOT IN (SELECT id FROM 'new.ndjson')
UNION ALL
SELECT id, name, "at"::TIMESTAMPTZ AS "at", city, tags::VARCHAR[] AS tags FROM 'new.ndjson'
