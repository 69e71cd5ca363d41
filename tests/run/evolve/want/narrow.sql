SELECT id, name, "at"::TIMESTAMPTZ AS "at", NULL AS city FROM 'old.ndjson'
UNION ALL
SELECT id, name, "at"::TIMESTAMPTZ AS "at", city FROM 'new.ndjson'
UNION ALL
SELECT id, name, "at"::TIMESTAMPTZ AS "at", city FROM 'new.ndjson'
