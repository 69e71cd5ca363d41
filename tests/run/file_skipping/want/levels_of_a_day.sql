select meter, read_at, level, note from read_parquet('given/meters/zone=*/*.parquet')
where meter between 300 and 310 and level is not null
