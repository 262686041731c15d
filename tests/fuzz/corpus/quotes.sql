-- migrate:up
CREATE TABLE "a;b" (id integer PRIMARY KEY, [c;d] text DEFAULT 'it''s', e blob DEFAULT x'00');
INSERT INTO t VALUES (E'a\';b', $$a;b$$, $tag$ -- $$ ' $tag$); /* /* nested */ ; */
CREATE TRIGGER up AFTER UPDATE ON t BEGIN UPDATE t SET a = 1 WHERE id = new.id; SELECT CASE WHEN 1 THEN 2 END; END;
CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
-- migrate:down
DROP TABLE "a;b";
