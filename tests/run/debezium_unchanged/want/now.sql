WITH e AS (
  SELECT op, source.lsn AS lsn, coalesce("after", before) AS r, before AS b
  FROM read_json(['old.ndjson', 'new.ndjson'], format = 'newline_delimited', columns = {op: 'VARCHAR', source: 'STRUCT(lsn BIGINT)', "after": 'STRUCT(id BIGINT, "name" VARCHAR, bio VARCHAR, photo VARCHAR)', before: 'STRUCT(id BIGINT, "name" VARCHAR, bio VARCHAR, photo VARCHAR)'})
),
m AS (SELECT '__debezium_unavailable_value' AS t, 'X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==' AS p),
v AS (
  SELECT op, lsn, r.id AS id,
    CASE WHEN r."name" = t THEN (CASE WHEN b."name" <> t THEN {'v': b."name"} END) ELSE {'v': r."name"} END AS "name",
    CASE WHEN r.bio = t THEN (CASE WHEN b.bio <> t THEN {'v': b.bio} END) ELSE {'v': r.bio} END AS bio,
    CASE WHEN r.photo = p THEN (CASE WHEN b.photo <> p THEN {'v': b.photo} END) ELSE {'v': r.photo} END AS photo,
    count(*) FILTER (op = 'd') OVER (PARTITION BY r.id ORDER BY lsn ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS life
  FROM e, m
),
f AS (
  SELECT op, lsn, id,
    last_value("name" IGNORE NULLS) OVER w AS "name",
    last_value(bio IGNORE NULLS) OVER w AS bio,
    last_value(photo IGNORE NULLS) OVER w AS photo
  FROM v WINDOW w AS (PARTITION BY id, life ORDER BY lsn ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
)
SELECT id, "name".v AS "name", bio.v AS bio, from_base64(photo.v) AS photo
FROM (FROM f WHERE op = 'd' OR "name" IS NOT NULL QUALIFY row_number() OVER (PARTITION BY id ORDER BY lsn DESC) = 1)
WHERE op <> 'd'
