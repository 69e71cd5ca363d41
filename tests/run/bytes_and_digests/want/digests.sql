WITH b AS (FROM read_json('blobs.ndjson', columns = {id: 'INTEGER', data: 'VARCHAR', name: 'VARCHAR'})), d AS (SELECT id, from_base64(data) AS data, name FROM b WHERE data NOT LIKE '%!')
SELECT id, data, hex(data) AS hex, md5(data) AS md5, sha256(data) AS sha, true AS same, hex(encode(name)) AS name_hex, encode(name) AS back, base64(encode(name)) AS name_base64,
  hex(id * 1000) AS number, try(decode(data)) IS NOT NULL AS is_text
FROM d
