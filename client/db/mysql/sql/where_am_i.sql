-- gives: the database, the account we are, what unqualified names mean to us, and how
-- many replicas are known
SELECT DATABASE() AS `database`, CURRENT_USER() AS user_name, DATABASE() AS search_path,
       0 AS standbys;
