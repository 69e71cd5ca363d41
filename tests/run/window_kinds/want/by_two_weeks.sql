select (make_timestamp(432000000000 + (floor((epoch_us(ts)-(432000000000))::DOUBLE/ 1209600000000)::BIGINT)*1209600000000))::TIMESTAMP ::DATE as fortnight, count(*) n FROM read_json('d.ndjson', format = 'newline_delimited', columns = {id: 'BIGINT', g: 'VARCHAR', f: 'DOUBLE', i8: 'TINYINT',
  i64: 'BIGINT', d: 'DECIMAL(12,2)', d38: 'DECIMAL(38,10)', b: 'BOOLEAN', e: 'VARCHAR', day: 'DATE', dur: 'BIGINT', ts: 'TIMESTAMPTZ'})
group by all
