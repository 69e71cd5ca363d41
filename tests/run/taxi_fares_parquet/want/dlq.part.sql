WITH r AS (FROM read_parquet('rides/*.parquet'))
SELECT 'contract' AS class, 'C001' AS code FROM r WHERE fare < 0
