with changes as (
  from read_json('changes.ndjson', columns = {id: 'bigint', status: 'varchar', note: 'varchar', action: 'varchar', seq: 'bigint', "at": 'timestamp'})
), newest as (
  from changes
  where action <> 'truncate' and seq > (select max(seq) from changes where action = 'truncate')
  qualify row_number() over (partition by id, "at" order by seq desc) = 1
), marked as (
  select *, coalesce(action = 'upsert' and lag(action) over w = 'upsert' and lag(status) over w = status, false) as goes_on
  from newest
  window w as (partition by id order by "at")
), versions as (
  select *, sum(if(goes_on, 0, 1)) over (partition by id order by "at") as version
  from marked
), ended as (
  select id, any_value(action) as action, any_value(status) as status, arg_max(note, seq) as note, min("at") as valid_from,
    lead(min("at")) over (partition by id order by min("at")) as valid_to
  from versions
  group by id, version
)
select id, status, note, valid_from, valid_to, valid_to is null as is_current
from ended
where action = 'upsert'
