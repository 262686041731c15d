-- A shop to try pgstride on: psql -v rows=1000000 -f shop.sql
--
-- Row n of identities has the id md5('identity n'), so that a client can name any row
-- without asking for it first. Indexes come after the rows: seconds instead of minutes.

CREATE TABLE identities (
    id         uuid        NOT NULL DEFAULT gen_random_uuid(),
    email      text        NOT NULL,
    name       text        NOT NULL DEFAULT '',
    region     text        NOT NULL DEFAULT 'eu',
    visits     integer     NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO identities (id, email, name, region, created_at, updated_at)
SELECT md5('identity ' || n)::uuid,
       'customer.' || n || '@example.com',
       'Customer number ' || n,
       (ARRAY['eu', 'us', 'apac'])[1 + n % 3],
       now() - (:rows - n) * interval '1 second',
       now()
  FROM generate_series(1, :rows) AS n;

ALTER TABLE identities ADD PRIMARY KEY (id);
CREATE INDEX identities_created_at ON identities (created_at);
CREATE INDEX identities_region_name ON identities (region, name);

-- The kind of trigger every shop has: it fires for a backfill's updates too.
CREATE FUNCTION touch_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON identities
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE TABLE orders (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    identity_id  uuid        NOT NULL REFERENCES identities,
    amount_cents integer     NOT NULL,
    placed_at    timestamptz NOT NULL DEFAULT now()
);

INSERT INTO orders (identity_id, amount_cents)
SELECT md5('identity ' || 1 + n % :rows)::uuid, 100 + n % 9900
  FROM generate_series(1, :rows / 5) AS n;

CREATE INDEX orders_identity_id ON orders (identity_id);

ANALYZE identities, orders;
