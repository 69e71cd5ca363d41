SELECT parcel, seq, state, depot, ts
FROM read_csv('scans-*.csv', header = true, columns = {parcel: 'VARCHAR', seq: 'INTEGER', state: 'VARCHAR', depot: 'VARCHAR', ts: 'TIMESTAMPTZ'})
WHERE depot IS DISTINCT FROM 'test' QUALIFY row_number() OVER (PARTITION BY parcel ORDER BY ts DESC, seq DESC) = 1
