select zone, count(*) as n, sum(price)::decimal(20, 2) as total
from read_parquet('given/meters/zone=*/*.parquet', hive_partitioning = true)
where price < 20.20 and level > 3 group by zone
