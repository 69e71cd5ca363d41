with stored as (
  select 'north sea' as region, * from read_parquet(['given/sensors/a b/one.parquet', 'given/sensors/four.parquet'], union_by_name = true)
  union all by name select null as region, * from read_parquet('given/sensors/three.parquet')
  union all by name select 'é' as region, * from read_parquet('given/sensors/two.parquet'))
select id, note, region from read_csv('wanted.csv') left join stored on id = "sensor id"
