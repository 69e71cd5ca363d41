WITH s AS (FROM read_json('saves.ndjson', columns = {player: 'VARCHAR', items: 'MAP(VARCHAR, INTEGER)', skins: 'VARCHAR[]', settings: 'STRUCT(volume FLOAT, language VARCHAR)'}))
SELECT player, cardinality(items)::BIGINT AS kinds, coalesce(items['gold'], 0) AS gold, items['gems'] AS gems, list_sum(map_values(items))::BIGINT AS pieces,
  list_sort(map_keys(items)) AS names, len(skins) AS skins, skins[1] AS first_skin, list_filter(skins, lambda x: x IS NOT NULL) AS known_skins,
  coalesce(settings.language, 'en') AS language, settings.volume AS volume
FROM s
