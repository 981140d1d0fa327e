-- The extension, the login roles of the tour, and the keys that sign its tokens. Run by a superuser in an empty database;
-- whatever else the demo has, the tour makes through the API.
CREATE EXTENSION saas_blog;

-- What an HTTP proxy logs in as: it may call the API and nothing else. The README says why these settings.
CREATE ROLE demo_proxy LOGIN;
GRANT saas_blog_api TO demo_proxy;
ALTER ROLE demo_proxy SET statement_timeout = '5s';
ALTER ROLE demo_proxy SET log_parameter_max_length = 0;

-- Who looks after the system: keys, doctor(), explain().
CREATE ROLE demo_operator LOGIN;
GRANT saas_blog_admin TO demo_operator;

-- A careless grant: somebody may read the table itself. The wall has to hold for them, too.
CREATE ROLE demo_reporter LOGIN;
GRANT USAGE ON SCHEMA saas_blog TO demo_reporter;
GRANT SELECT ON saas_blog.tb_post TO demo_reporter;

SELECT saas_blog.add_jwt_key('demo-key', 'HS256', md5(random()::text) || md5(random()::text));
SELECT saas_blog.add_jwt_key('demo-operator', 'HS256', md5(random()::text) || md5(random()::text), operator => true);
