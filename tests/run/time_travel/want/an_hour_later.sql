select * from read_parquet(['given/stock/part-0.parquet', 'given/stock/part-1.parquet'])
