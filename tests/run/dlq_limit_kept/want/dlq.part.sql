SELECT CASE WHEN celsius = 0 THEN 'X003' ELSE 'C001' END AS code, 'readings' AS source
FROM read_json('in/*.ndjson', columns = {id: 'BIGINT', celsius: 'BIGINT'}) WHERE celsius = 0 OR celsius > 60
