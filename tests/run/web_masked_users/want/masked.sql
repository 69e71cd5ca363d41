SELECT id, left(email, 1) || '***' || regexp_extract(email, '@.*$') AS email,
  CASE WHEN length(card) <= 4 THEN card ELSE repeat('*', length(card) - 4) || right(card, 4) END AS card, card AS short_card, '***' AS name,
  sha256(lower(name)) AS person, md5(lower(email)) AS mail_hash, lower(regexp_extract(email, '@(.+)$', 1)) AS domain
FROM read_csv('users.csv', header = true, columns = {id: 'BIGINT', email: 'VARCHAR', card: 'VARCHAR', name: 'VARCHAR'})
