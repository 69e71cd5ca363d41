with stored as (
  select 1 as place_of_file, 'north sea' as region, 1 as day, *, null::float as scale
  from read_parquet('given/sensors/a b/one.parquet', file_row_number = true)
  union all by name
  select 2 as place_of_file, 'north sea' as region, null as day, * from read_parquet('given/sensors/four.parquet', file_row_number = true)
  union all by name
  select 3 as place_of_file, null as region, 3 as day, * from read_parquet('given/sensors/three.parquet', file_row_number = true)
  union all by name
  select 4 as place_of_file, 'é' as region, 2 as day, * from read_parquet('given/sensors/two.parquet', file_row_number = true)),
fit as (
  select *, row_number() over (partition by "sensor id" order by place_of_file, file_row_number) as place_of_key
  from stored where region is not null and kind in ('heat', 'light') and value > -9)
select "sensor id"::bigint as id, "at", region, day, null as missing, kind, value::decimal(12, 4) as value,
       (value * 2)::decimal(14, 4) as doubled, scale::double as scale, 'none' as unit,
       to_json(struct_pack(note := note))::varchar as rest, file_row_number as place
from fit where place_of_key = 1
