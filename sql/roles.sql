-- roles.sql: refuses what cannot work, then makes the five roles that everything after is owned by or granted to.
-- First, because schemas, policies and grants name them. Roles belong to the cluster, not to the database: one that
-- another database's saas_blog has made is used again, unless somebody gave it power in the meantime.

DO $$
BEGIN
  IF (SELECT pg_catalog.pg_encoding_to_char(d.encoding) OPERATOR(pg_catalog.<>) 'UTF8'
      FROM pg_catalog.pg_database AS d WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()) THEN
    RAISE EXCEPTION 'saas_blog needs a database whose encoding is UTF8'
      USING ERRCODE = 'feature_not_supported', HINT = 'CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0';
  END IF;
END $$;

-- For the rest of the script only (CREATE EXTENSION puts it back): nothing that somebody left in the target schema is
-- ever called by the installing superuser.
SET LOCAL search_path = pg_catalog, pg_temp;

DO $$
DECLARE
  role record;
BEGIN
  FOR role IN
    SELECT * FROM (VALUES
      ('saas_blog_owner', 'saas_blog: owns schemas, tables, views and functions; nobody is a member'),
      ('saas_blog_exec',  'saas_blog: compiled queries and mutations run as this role; nobody is a member'),
      ('saas_blog_audit', 'saas_blog: owns the audit log and its trigger function; nobody is a member'),
      ('saas_blog_api',   'saas_blog: may call the entry points of the schema graphql; for the login roles of proxies'),
      ('saas_blog_admin', 'saas_blog: may manage token keys and run doctor() and explain(); for operators'))
      AS wanted (name, purpose)
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname OPERATOR(pg_catalog.=) wanted.name)
  LOOP
    EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION '
                              'NOBYPASSRLS', role.name);
    EXECUTE pg_catalog.format('COMMENT ON ROLE %I IS %L', role.name, role.purpose);
  END LOOP;
END $$;

-- A role that was there before and can log in, bypass row-level security or be entered would undo the walls: refuse it.
DO $$
DECLARE
  offender text;
BEGIN
  SELECT pg_catalog.format('role "%s" can log in, inherits or has a superuser''s powers', r.rolname) INTO offender
  FROM pg_catalog.pg_roles AS r
  WHERE r.rolname OPERATOR(pg_catalog.=) ANY (ARRAY['saas_blog_owner', 'saas_blog_exec', 'saas_blog_audit',
                                                    'saas_blog_api', 'saas_blog_admin'])
    AND (r.rolcanlogin OR r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolinherit OR r.rolreplication
         OR r.rolbypassrls)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', offender USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'ALTER ROLE … NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT NOREPLICATION NOBYPASSRLS';
  END IF;

  SELECT pg_catalog.format('role "%s" is a member of role "%s"', member.rolname, granted.rolname) INTO offender
  FROM pg_catalog.pg_auth_members AS m
  JOIN pg_catalog.pg_roles AS granted ON granted.oid OPERATOR(pg_catalog.=) m.roleid
  JOIN pg_catalog.pg_roles AS member ON member.oid OPERATOR(pg_catalog.=) m.member
  WHERE NOT member.rolsuper
    AND (granted.rolname OPERATOR(pg_catalog.=) ANY (ARRAY['saas_blog_owner', 'saas_blog_exec', 'saas_blog_audit'])
         OR member.rolname OPERATOR(pg_catalog.=) ANY (ARRAY['saas_blog_owner', 'saas_blog_exec', 'saas_blog_audit',
                                                             'saas_blog_api', 'saas_blog_admin']))
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', offender USING ERRCODE = 'object_not_in_prerequisite_state',
      HINT = 'REVOKE that membership: saas_blog''s own roles are entered by nobody and enter nothing.';
  END IF;
END $$;
