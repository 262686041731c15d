-- gives: what the account lacks for migrations. A role may bring more than can be read
-- here, so that nothing is said where one is active.
WITH grants AS (
    SELECT PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
     WHERE GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''')
     UNION
    SELECT PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES
     WHERE GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), '''') AND DATABASE() LIKE TABLE_SCHEMA
), needed AS (
    SELECT 'ALTER' AS privilege UNION SELECT 'CREATE' UNION SELECT 'DELETE' UNION SELECT 'DROP'
     UNION SELECT 'INDEX' UNION SELECT 'INSERT' UNION SELECT 'SELECT' UNION SELECT 'TRIGGER' UNION SELECT 'UPDATE'
), lacking AS (
    SELECT GROUP_CONCAT(n.privilege ORDER BY n.privilege SEPARATOR ', ') AS list
      FROM needed n LEFT JOIN grants g ON g.PRIVILEGE_TYPE = n.privilege
     WHERE g.PRIVILEGE_TYPE IS NULL AND COALESCE(CURRENT_ROLE(), 'NONE') = 'NONE'
)
SELECT 'lacks' AS kind, list AS object,
       CONCAT('GRANT ', list, ' ON `', DATABASE(), '`.* TO ', CURRENT_USER()) AS detail
  FROM lacking WHERE list IS NOT NULL
 UNION ALL
SELECT 'no-trigger', CURRENT_USER(), NULL FROM DUAL
 WHERE @@global.log_bin AND NOT @@global.log_bin_trust_function_creators
   AND NOT EXISTS (SELECT 1 FROM information_schema.USER_PRIVILEGES
                    WHERE PRIVILEGE_TYPE = 'SUPER'
                      AND GRANTEE = CONCAT('''', REPLACE(CURRENT_USER(), '@', '''@'''), ''''));
