select * from read_parquet('given/stock/part-0.parquet')
