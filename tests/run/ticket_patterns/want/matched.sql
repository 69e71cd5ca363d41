SELECT id, text LIKE '%!%%' ESCAPE '!' AS percent, text LIKE 'a!_b%' ESCAPE '!' AS under, text LIKE 'a_b%' AS one, text NOT LIKE 'a%' AS not_a,
  regexp_matches(text, '[0-9]{2,}') AS number, regexp_matches(text, '^[a-z ]+$') AS whole, lower(text) LIKE '%error%' AS no_case, NOT regexp_matches(text, '\berror\b') AS not_word,
  nullif(regexp_extract(text, '[0-9]+'), '') AS first_number, regexp_replace(text, '[0-9]', '#', 'g') AS masked, regexp_replace(text, '(\w+)@(\w+)', '\2 at \1', 'g') AS swapped,
  text IN ('error', '100%') AS in_list, text NOT IN ('error', '100%') AS not_in_list, text BETWEEN 'a' AND 'b' AS is_between, text NOT BETWEEN 'a' AND 'b' AS outside
FROM read_json('tickets.ndjson', columns = {id: 'INTEGER', text: 'VARCHAR'})
