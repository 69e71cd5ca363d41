select (make_timestamp(-5400000000 + (floor((epoch_us(ts)-(-5400000000))::DOUBLE/ 25200000000)::BIGINT)*25200000000))::TIMESTAMP as start, g, count(*) n, sum(i64)::BIGINT total FROM read_json('d.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', g: 'VARCHAR', f: 'DOUBLE', i8: 'TINYINT',
  i64: 'BIGINT', d: 'DECIMAL(12,2)', d38: 'DECIMAL(38,10)', b: 'BOOLEAN', e: 'VARCHAR', day: 'DATE', dur: 'BIGINT', ts: 'TIMESTAMPTZ'})
group by all
