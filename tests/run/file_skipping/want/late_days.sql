select meter, day, read_at, level, price, zone
from read_parquet('given/meters/zone=*/*.parquet', hive_partitioning = true)
where day >= date '2026-01-07' and read_at < timestamptz '2026-01-08 05:00:00Z'
