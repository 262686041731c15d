-- gives: whether triggers can be switched off for a session
SELECT 'f' AS may;
