with stored as (
  select 1 as place_of_file, 'north sea' as region, *, null::float as scale
  from read_parquet('given/sensors/a b/one.parquet', file_row_number = true)
  union all by name
  select 2 as place_of_file, 'north sea' as region, * from read_parquet('given/sensors/four.parquet', file_row_number = true)
  union all by name
  select 4 as place_of_file, 'é' as region, * from read_parquet('given/sensors/two.parquet', file_row_number = true)),
fit as (
  select *, row_number() over (partition by "sensor id" order by place_of_file, file_row_number) as place_of_key
  from stored where kind in ('heat', 'light') and value > -9)
select time_bucket(interval '1 hour', "at") as window_start, time_bucket(interval '1 hour', "at") + interval '1 hour' as window_end,
       region, count(*) as n, sum(value)::decimal(22, 4) as total, max(scale)::double as most
from fit where place_of_key = 1 and kind = 'heat' group by all
