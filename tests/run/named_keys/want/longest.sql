SELECT id, length(word) AS letters, word[1] AS first, 1::BIGINT AS place
FROM 'words.csv' QUALIFY row_number() OVER (PARTITION BY length(word), word[1] ORDER BY id DESC) = 1
