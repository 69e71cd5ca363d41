with now as (select * from read_parquet(['given/stock/part-1.parquet', 'given/stock/part-2.parquet'], union_by_name = true))
select item, place, pieces * price as worth from now join read_parquet('lake/prices/part-0.parquet') using (item)
