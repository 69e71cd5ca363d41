with changes as (
  from read_json('changes.ndjson', columns = {id: 'bigint', status: 'varchar', note: 'varchar', action: 'varchar', seq: 'bigint'})
), newest as (
  from changes
  where action <> 'truncate' and seq > (select max(seq) from changes where action = 'truncate')
  qualify row_number() over (partition by id order by seq desc) = 1
)
select id, status, note from newest where action = 'upsert'
