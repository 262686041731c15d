-- migrate:expand
ALTER TABLE identities ADD COLUMN new_email varchar(120);

-- migrate:backfill sync:both
UPDATE identities SET new_email = email WHERE new_email IS NULL;

-- migrate:contract
ALTER TABLE identities MODIFY new_email varchar(120) NOT NULL;
ALTER TABLE identities DROP COLUMN email;
ALTER TABLE identities RENAME COLUMN new_email TO email;

-- migrate:down expand
ALTER TABLE identities DROP COLUMN new_email;
