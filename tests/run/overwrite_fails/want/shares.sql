SELECT * FROM 'old.csv'
