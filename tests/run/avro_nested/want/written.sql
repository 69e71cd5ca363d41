WITH truth AS (
  SELECT * FROM read_json('truth.ndjson', format = 'newline_delimited', columns = {
    VisitID: 'BIGINT', place: 'STRUCT(town VARCHAR, lat SMALLINT, lon DOUBLE)', tags: 'VARCHAR[]',
    scores: 'MAP(VARCHAR, BIGINT[])', by_day: 'MAP(VARCHAR, STRUCT(lat BIGINT))'})
)
SELECT VisitID AS id, place, tags, scores,
  list_transform(map_entries(by_day), lambda e: {key: DATE '1970-01-01' + e.key::INTEGER, value: e.value}) AS by_day,
  'walk' AS kind
FROM truth
UNION ALL
SELECT id, NULL, tags, scores, NULL, 'walk'
FROM (VALUES (100, ['x'], MAP {}::MAP(VARCHAR, BIGINT[])), (101, NULL, MAP {'k': []::BIGINT[]}), (102, [NULL], MAP {'k': [NULL]::BIGINT[]}))
  AS rest(id, tags, scores)
