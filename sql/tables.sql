-- tables.sql: the schemas and the tables, with the rules that every row keeps and the indexes that compiled SQL reads.
-- After the roles, which own them; before the policies and views, which name them.
--
-- Every primary key, unique key, foreign key and index of a tenant's table leads with fk_tenant: a row cannot point
-- into another tenant, a collision tells nothing about another tenant, and Citus can shard by it.
-- Text columns that only identify are COLLATE "C": compared byte by byte, whatever the locale and its version.
-- The text rule: no control characters (C0, DEL, C1) but tab and newline.
-- The range rule: dates that RFC 3339 can write.

CREATE SCHEMA saas_blog AUTHORIZATION saas_blog_owner;
CREATE SCHEMA graphql AUTHORIZATION saas_blog_owner;
COMMENT ON SCHEMA saas_blog IS 'Tables, views and functions of the multi-tenant blog';
COMMENT ON SCHEMA graphql IS 'The GraphQL API: SELECT graphql.resolve(query, variables, jwt)';

CREATE TABLE saas_blog.tb_tenant (
  pk_tenant bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  identifier text COLLATE "C" NOT NULL,
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  subscription_tier text NOT NULL DEFAULT 'free',

  PRIMARY KEY (pk_tenant),
  UNIQUE (id),
  UNIQUE (identifier),
  CONSTRAINT tb_tenant_identifier_form
    CHECK (char_length(identifier) <= 63 AND identifier ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  CONSTRAINT tb_tenant_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
  CONSTRAINT tb_tenant_name_text CHECK (name !~ '[\x01-\x08\x0b-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_tenant_created_at_range
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00'),
  CONSTRAINT tb_tenant_subscription_tier_known CHECK (subscription_tier IN ('free', 'pro', 'enterprise'))
);
ALTER TABLE saas_blog.tb_tenant OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_tenant IS 'A customer; all other rows belong to one';
COMMENT ON COLUMN saas_blog.tb_tenant.pk_tenant IS 'Internal key; never leaves the database';
COMMENT ON COLUMN saas_blog.tb_tenant.id IS 'Public key; the claim tenant_id of a token';
COMMENT ON COLUMN saas_blog.tb_tenant.identifier IS 'Public short name, as in posts(tenantId: "demo")';
COMMENT ON COLUMN saas_blog.tb_tenant.subscription_tier IS 'free, pro or enterprise';

CREATE TABLE saas_blog.tb_user (
  pk_user bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  identifier text COLLATE "C" NOT NULL,
  fk_tenant bigint NOT NULL,
  email text NOT NULL,
  name text NOT NULL,
  role text NOT NULL DEFAULT 'subscriber',
  created_at timestamptz NOT NULL DEFAULT now(),

  PRIMARY KEY (fk_tenant, pk_user),
  UNIQUE (fk_tenant, id),
  UNIQUE (fk_tenant, identifier),
  FOREIGN KEY (fk_tenant) REFERENCES saas_blog.tb_tenant (pk_tenant),
  CONSTRAINT tb_user_identifier_form
    CHECK (char_length(identifier) BETWEEN 1 AND 300 AND identifier !~ '[\x01-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_user_email_form
    CHECK (char_length(email) <= 254 AND email ~ '^[^@\s\x01-\x1f\x7f-\x9f]+@[^@\s\x01-\x1f\x7f-\x9f]+$'),
  CONSTRAINT tb_user_name_length CHECK (char_length(name) BETWEEN 1 AND 100),
  CONSTRAINT tb_user_name_text CHECK (name !~ '[\x01-\x08\x0b-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_user_role_known CHECK (role IN ('admin', 'editor', 'subscriber')),
  CONSTRAINT tb_user_created_at_range
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00')
);
ALTER TABLE saas_blog.tb_user OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_user IS 'A person in one tenant; the same e-mail may exist in another tenant';
COMMENT ON COLUMN saas_blog.tb_user.id IS 'Public key; the claim user_id or sub of a token';
COMMENT ON COLUMN saas_blog.tb_user.identifier IS 'Unique in the tenant; left out: made from the e-mail';
COMMENT ON COLUMN saas_blog.tb_user.role IS 'admin, editor or subscriber; a token''s claim must equal it';

CREATE TABLE saas_blog.tb_post (
  pk_post bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  identifier text COLLATE "C" NOT NULL,
  fk_tenant bigint NOT NULL,
  fk_user bigint NOT NULL,
  title text NOT NULL,
  content text NOT NULL DEFAULT '',
  published boolean NOT NULL DEFAULT false,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),

  PRIMARY KEY (fk_tenant, pk_post),
  UNIQUE (fk_tenant, id),
  UNIQUE (fk_tenant, identifier),
  FOREIGN KEY (fk_tenant) REFERENCES saas_blog.tb_tenant (pk_tenant),
  FOREIGN KEY (fk_tenant, fk_user) REFERENCES saas_blog.tb_user (fk_tenant, pk_user),
  CONSTRAINT tb_post_identifier_form
    CHECK (char_length(identifier) BETWEEN 1 AND 300 AND identifier !~ '[\x01-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_post_title_length CHECK (char_length(title) BETWEEN 1 AND 200),
  CONSTRAINT tb_post_title_text CHECK (title !~ '[\x01-\x08\x0b-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_post_content_length CHECK (char_length(content) <= 100000),
  CONSTRAINT tb_post_content_text CHECK (content !~ '[\x01-\x08\x0b-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_post_deleted_at_range
    CHECK (deleted_at >= '0001-01-01 00:00:00+00' AND deleted_at < '10000-01-01 00:00:00+00'),
  CONSTRAINT tb_post_created_at_range
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00'),
  CONSTRAINT tb_post_updated_at_range
    CHECK (updated_at >= '0001-01-01 00:00:00+00' AND updated_at < '10000-01-01 00:00:00+00')
);
ALTER TABLE saas_blog.tb_post OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_post IS 'A post; drafts are those not published';
COMMENT ON COLUMN saas_blog.tb_post.identifier IS 'Unique in the tenant; left out: made from the title';
COMMENT ON COLUMN saas_blog.tb_post.fk_user IS 'The author';
COMMENT ON COLUMN saas_blog.tb_post.deleted_at IS 'In the trash since; NULL: live. A filter of views and compiled SQL';

CREATE TABLE saas_blog.tb_comment (
  pk_comment bigint GENERATED ALWAYS AS IDENTITY,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  identifier text COLLATE "C" NOT NULL,
  fk_tenant bigint NOT NULL,
  fk_post bigint NOT NULL,
  fk_user bigint NOT NULL,
  content text NOT NULL,
  deleted_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

  PRIMARY KEY (fk_tenant, pk_comment),
  UNIQUE (fk_tenant, id),
  UNIQUE (fk_tenant, identifier),
  FOREIGN KEY (fk_tenant) REFERENCES saas_blog.tb_tenant (pk_tenant),
  FOREIGN KEY (fk_tenant, fk_post) REFERENCES saas_blog.tb_post (fk_tenant, pk_post),
  FOREIGN KEY (fk_tenant, fk_user) REFERENCES saas_blog.tb_user (fk_tenant, pk_user),
  CONSTRAINT tb_comment_identifier_form
    CHECK (char_length(identifier) BETWEEN 1 AND 300 AND identifier !~ '[\x01-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_comment_content_length CHECK (char_length(content) BETWEEN 1 AND 10000),
  CONSTRAINT tb_comment_content_text CHECK (content !~ '[\x01-\x08\x0b-\x1f\x7f-\x9f]'),
  CONSTRAINT tb_comment_deleted_at_range
    CHECK (deleted_at >= '0001-01-01 00:00:00+00' AND deleted_at < '10000-01-01 00:00:00+00'),
  CONSTRAINT tb_comment_created_at_range
    CHECK (created_at >= '0001-01-01 00:00:00+00' AND created_at < '10000-01-01 00:00:00+00')
);
ALTER TABLE saas_blog.tb_comment OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_comment IS 'A comment on a post of the same tenant';
COMMENT ON COLUMN saas_blog.tb_comment.identifier IS 'Unique in the tenant; left out: the id';
COMMENT ON COLUMN saas_blog.tb_comment.fk_user IS 'The author';
COMMENT ON COLUMN saas_blog.tb_comment.created_at IS
  'The moment of the comment and not of its transaction, so that the comments of one transaction stay in order';
COMMENT ON COLUMN saas_blog.tb_comment.deleted_at IS 'Gone since; NULL: live. A filter of views and compiled SQL';

CREATE TABLE saas_blog.tb_jwt_key (
  kid text COLLATE "C" NOT NULL,
  alg text NOT NULL,
  key text NOT NULL,
  issuer text,
  audience text,
  operator boolean NOT NULL DEFAULT false,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),

  PRIMARY KEY (kid),
  CONSTRAINT tb_jwt_key_kid_length CHECK (char_length(kid) BETWEEN 1 AND 255),
  CONSTRAINT tb_jwt_key_alg_known CHECK (alg IN ('HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'PS256', 'PS384',
                                                 'PS512', 'ES256', 'ES384', 'EdDSA'))
);
ALTER TABLE saas_blog.tb_jwt_key OWNER TO saas_blog_owner;
COMMENT ON TABLE saas_blog.tb_jwt_key IS
  'The keys that sign tokens; only functions of the owner read it. A dump holds them';
COMMENT ON COLUMN saas_blog.tb_jwt_key.kid IS 'The header kid of a token; a revoked one is never used again';
COMMENT ON COLUMN saas_blog.tb_jwt_key.alg IS 'The only algorithm that this key verifies, whatever the token says';
COMMENT ON COLUMN saas_blog.tb_jwt_key.key IS 'HMAC secret, or public key as PEM or JWK';
COMMENT ON COLUMN saas_blog.tb_jwt_key.issuer IS 'The claim iss that a token must carry; NULL: not checked';
COMMENT ON COLUMN saas_blog.tb_jwt_key.audience IS 'The claim aud that a token must name; NULL: not checked';
COMMENT ON COLUMN saas_blog.tb_jwt_key.operator IS 'Signs tokens of operators, and nothing else';

-- Uniqueness beyond the keys: one user per e-mail in a tenant, in whatever case. The letters of ASCII are folded first and
-- everywhere alike: in a Turkish database lower('I') is no 'i'.
CREATE UNIQUE INDEX tb_user_email_key
  ON saas_blog.tb_user (fk_tenant, (lower(lower(email COLLATE "C") COLLATE "default") COLLATE "C"));

-- What a client is told when a mutation breaks a rule, as `argument: Sentence.`: the only place that says it. A rule
-- without such a comment cannot be broken by a mutation; if it is, the answer is a masked error.
COMMENT ON CONSTRAINT tb_tenant_identifier_key ON saas_blog.tb_tenant IS
  'identifier: A tenant with this identifier already exists.';
COMMENT ON CONSTRAINT tb_tenant_identifier_form ON saas_blog.tb_tenant IS
  'identifier: An identifier is made of lower-case letters, digits and single dashes between them, up to 63 characters.';
COMMENT ON CONSTRAINT tb_tenant_name_length ON saas_blog.tb_tenant IS 'name: A name has 1 to 100 characters.';
COMMENT ON CONSTRAINT tb_tenant_name_text ON saas_blog.tb_tenant IS
  'name: A name has no control characters other than tab and newline.';
COMMENT ON CONSTRAINT tb_tenant_subscription_tier_known ON saas_blog.tb_tenant IS
  'subscriptionTier: A subscription tier is free, pro or enterprise.';

COMMENT ON INDEX saas_blog.tb_user_email_key IS 'email: A user with this email already exists in this tenant.';
COMMENT ON CONSTRAINT tb_user_fk_tenant_identifier_key ON saas_blog.tb_user IS
  'identifier: A user with this identifier already exists in this tenant.';
COMMENT ON CONSTRAINT tb_user_email_form ON saas_blog.tb_user IS
  'email: An email is written like name@example.com, in up to 254 characters.';
COMMENT ON CONSTRAINT tb_user_name_length ON saas_blog.tb_user IS 'name: A name has 1 to 100 characters.';
COMMENT ON CONSTRAINT tb_user_name_text ON saas_blog.tb_user IS
  'name: A name has no control characters other than tab and newline.';
COMMENT ON CONSTRAINT tb_user_role_known ON saas_blog.tb_user IS 'role: A role is admin, editor or subscriber.';

COMMENT ON CONSTRAINT tb_post_fk_tenant_identifier_key ON saas_blog.tb_post IS
  'identifier: A post with this identifier already exists in this tenant.';
COMMENT ON CONSTRAINT tb_post_title_length ON saas_blog.tb_post IS 'title: A title has 1 to 200 characters.';
COMMENT ON CONSTRAINT tb_post_title_text ON saas_blog.tb_post IS
  'title: A title has no control characters other than tab and newline.';
COMMENT ON CONSTRAINT tb_post_content_length ON saas_blog.tb_post IS
  'content: The content of a post has at most 100 000 characters.';
COMMENT ON CONSTRAINT tb_post_content_text ON saas_blog.tb_post IS
  'content: The content of a post has no control characters other than tab and newline.';

COMMENT ON CONSTRAINT tb_comment_content_length ON saas_blog.tb_comment IS
  'content: A comment has 1 to 10 000 characters.';
COMMENT ON CONSTRAINT tb_comment_content_text ON saas_blog.tb_comment IS
  'content: A comment has no control characters other than tab and newline.';

-- Pages: keyset over (created_at, id), each index named by the field it serves.
CREATE INDEX tb_tenant_page ON saas_blog.tb_tenant (created_at DESC, id DESC);
COMMENT ON INDEX saas_blog.tb_tenant_page IS 'Query.tenants';

CREATE INDEX tb_user_page ON saas_blog.tb_user (fk_tenant, created_at DESC, id DESC);
COMMENT ON INDEX saas_blog.tb_user_page IS 'Query.users';

CREATE INDEX tb_post_page ON saas_blog.tb_post (fk_tenant, created_at DESC, id DESC) WHERE deleted_at IS NULL;
COMMENT ON INDEX saas_blog.tb_post_page IS 'Query.posts of editors and admins';

CREATE INDEX tb_post_published_page ON saas_blog.tb_post (fk_tenant, created_at DESC, id DESC)
  WHERE deleted_at IS NULL AND published;
COMMENT ON INDEX saas_blog.tb_post_published_page IS 'Query.posts of subscribers, and posts(published: true)';

CREATE INDEX tb_post_author_page ON saas_blog.tb_post (fk_tenant, fk_user, created_at DESC, id DESC)
  WHERE deleted_at IS NULL;
COMMENT ON INDEX saas_blog.tb_post_author_page IS 'User.posts and Query.posts(authorId:)';

CREATE INDEX tb_post_trash_page ON saas_blog.tb_post (fk_tenant, created_at DESC, id DESC)
  WHERE deleted_at IS NOT NULL;
COMMENT ON INDEX saas_blog.tb_post_trash_page IS 'Query.deletedPosts';

CREATE INDEX tb_comment_page ON saas_blog.tb_comment (fk_tenant, fk_post, created_at, id) WHERE deleted_at IS NULL;
COMMENT ON INDEX saas_blog.tb_comment_page IS 'Post.comments, Post.commentCount and Query.comments';

CREATE INDEX tb_comment_author ON saas_blog.tb_comment (fk_tenant, fk_user);
COMMENT ON INDEX saas_blog.tb_comment_author IS 'The foreign key to tb_user; no field reads it';

-- pg_dump leaves the rows of an extension's tables out unless it is told; doctor() tells when one is forgotten.
SELECT pg_extension_config_dump('saas_blog.tb_tenant', '');
SELECT pg_extension_config_dump('saas_blog.tb_user', '');
SELECT pg_extension_config_dump('saas_blog.tb_post', '');
SELECT pg_extension_config_dump('saas_blog.tb_comment', '');
SELECT pg_extension_config_dump('saas_blog.tb_jwt_key', '');
SELECT pg_extension_config_dump('saas_blog.tb_tenant_pk_tenant_seq', '');
SELECT pg_extension_config_dump('saas_blog.tb_user_pk_user_seq', '');
SELECT pg_extension_config_dump('saas_blog.tb_post_pk_post_seq', '');
SELECT pg_extension_config_dump('saas_blog.tb_comment_pk_comment_seq', '');
