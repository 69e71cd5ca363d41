with before as (select * from read_parquet(['given/stock/part-0.parquet', 'given/stock/part-1.parquet'])),
     now as (select * from read_parquet(['given/stock/part-1.parquet', 'given/stock/part-2.parquet'], union_by_name = true))
select item, before.pieces - coalesce(now.pieces, 0) as sold, now.place
from before left join now using (item)
where before.pieces > coalesce(now.pieces, 0)
