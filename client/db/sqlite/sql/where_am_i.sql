-- gives: the file, and what other engines would say besides
SELECT coalesce(nullif(replace(file, rtrim(file, replace(file, '/', '')), ''), ''), file) AS database,
       '' AS user_name, '' AS search_path, 0 AS standbys
  FROM pragma_database_list WHERE name = 'main';
