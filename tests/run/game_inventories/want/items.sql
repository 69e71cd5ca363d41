WITH s AS (FROM read_json('saves.ndjson', columns = {player: 'VARCHAR', items: 'MAP(VARCHAR, INTEGER)', skins: 'VARCHAR[]', settings: 'STRUCT(volume FLOAT, language VARCHAR)'})), i AS (SELECT unnest(map_keys(items)) AS item, items FROM s)
SELECT item, count(*) AS players, sum(items[item])::BIGINT AS pieces, count(*) FILTER (items[item] > 50) AS rich FROM i GROUP BY item
