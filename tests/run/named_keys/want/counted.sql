SELECT id, word, upper(word) AS upper_word, length(word) AS letters,
       row_number() OVER (PARTITION BY upper(word) ORDER BY "at") AS seen FROM 'words.csv'
