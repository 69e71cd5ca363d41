select (make_timestamp(0 + (floor((epoch_us(ts)-(0))::DOUBLE/ 86400000000)::BIGINT)*86400000000))::TIMESTAMP ::DATE as of_day, b, count(*) n FROM read_json('d.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', g: 'VARCHAR', f: 'DOUBLE', i8: 'TINYINT',
  i64: 'BIGINT', d: 'DECIMAL(12,2)', d38: 'DECIMAL(38,10)', b: 'BOOLEAN', e: 'VARCHAR', day: 'DATE', dur: 'BIGINT', ts: 'TIMESTAMPTZ'})
group by all
