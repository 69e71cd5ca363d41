SELECT * FROM read_csv('styled/tabs/*.csv', delim = '\t', header = true, nullstr = '', quote = '"', escape = '"', allow_quoted_nulls = false,
  auto_detect = false, columns = {'id': 'INTEGER', 'name': 'VARCHAR', 'amount': 'DECIMAL(9, 2)', 'day': 'DATE', 'flag': 'BOOLEAN', 'share': 'DOUBLE'})
