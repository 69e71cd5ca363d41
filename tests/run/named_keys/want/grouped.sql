SELECT length(word) AS letters, count(*) AS words FROM 'words.csv' GROUP BY 1
