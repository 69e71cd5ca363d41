select * from read_parquet('lake/prices/part-0.parquet')
