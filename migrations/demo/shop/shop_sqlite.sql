-- A shop to try pgstride on: sqlite3 -cmd '.parameter set :rows 300000' shop.db <shop_sqlite.sql
--
-- orders would lose every row, were identities dropped while foreign keys are on.

PRAGMA journal_mode = WAL;

CREATE TABLE identities (
    id         integer PRIMARY KEY AUTOINCREMENT,
    email      text    NOT NULL,
    name       text    NOT NULL DEFAULT '',
    region     text    NOT NULL DEFAULT 'eu',
    created_at text    NOT NULL DEFAULT CURRENT_TIMESTAMP
);

INSERT INTO identities (id, email, name, region)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :rows)
SELECT n, 'customer.' || n || '@example.com', 'Customer number ' || n,
       CASE n % 3 WHEN 0 THEN 'eu' WHEN 1 THEN 'us' ELSE 'apac' END
  FROM numbers;

CREATE INDEX identities_region_name ON identities (region, name);

CREATE TABLE orders (
    id           integer PRIMARY KEY,
    identity_id  integer NOT NULL REFERENCES identities ON DELETE CASCADE,
    amount_cents integer NOT NULL
);

INSERT INTO orders (identity_id, amount_cents)
SELECT id, 100 + id % 9900 FROM identities WHERE id % 5 = 0;

CREATE VIEW regions AS SELECT region, count(*) AS customers FROM identities GROUP BY region;
