SELECT * FROM read_csv('styled/sheet/*.csv', delim = ';', header = true, nullstr = 'NA', quote = '"', escape = '"', allow_quoted_nulls = false,
  auto_detect = false, columns = {'id': 'INTEGER', 'name': 'VARCHAR', 'amount': 'DECIMAL(9, 2)', 'day': 'DATE', 'flag': 'BOOLEAN', 'share': 'DOUBLE'})
