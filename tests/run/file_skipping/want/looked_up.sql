select meter, note from read_csv('wanted.csv') join read_parquet('given/meters/zone=*/*.parquet') using (meter)
where day <= date '2026-01-02'
