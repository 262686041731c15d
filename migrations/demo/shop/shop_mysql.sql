-- A shop to try pgstride on, of @rows customers:
--   mariadb --init-command 'SET @rows = 200000' shop <shop_mysql.sql
--
-- orders would lose every row, were identities emptied or made again the careless way.

CREATE TABLE identities (
    id         int          NOT NULL AUTO_INCREMENT PRIMARY KEY,
    email      varchar(120) NOT NULL,
    name       varchar(120) NOT NULL DEFAULT '',
    region     varchar(8)   NOT NULL DEFAULT 'eu',
    created_at timestamp    NOT NULL DEFAULT CURRENT_TIMESTAMP
) ENGINE = InnoDB;

INSERT INTO identities (id, email, name, region)
WITH RECURSIVE digits (d) AS (SELECT 0 UNION ALL SELECT d + 1 FROM digits WHERE d < 9),
     numbers (n) AS (SELECT 1 + a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d
                       FROM digits a, digits b, digits c, digits e, digits f, digits g)
SELECT n, CONCAT('customer.', n, '@example.com'), CONCAT('Customer number ', n),
       ELT(1 + n % 3, 'eu', 'us', 'apac')
  FROM numbers
 WHERE n <= @rows
 ORDER BY n;

CREATE INDEX identities_region_name ON identities (region, name);

CREATE TABLE orders (
    id           int NOT NULL AUTO_INCREMENT PRIMARY KEY,
    identity_id  int NOT NULL,
    amount_cents int NOT NULL,
    FOREIGN KEY (identity_id) REFERENCES identities (id) ON DELETE CASCADE
) ENGINE = InnoDB;

INSERT INTO orders (identity_id, amount_cents)
SELECT id, 100 + id % 9900 FROM identities WHERE id % 5 = 0;

CREATE VIEW regions AS SELECT region, COUNT(*) AS customers FROM identities GROUP BY region;

ANALYZE TABLE identities, orders;
