//! Behaviour as SQL sees it. Each test runs as a superuser in a transaction that is rolled back; `tests/e2e` has what
//! needs more than one session.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use pgrx::prelude::*;
use serde_json::{Value, json};

const BLOG: &str = "
    SELECT saas_blog.add_jwt_key('k', 'HS256', repeat('secret', 8));
    SELECT saas_blog.add_jwt_key('op', 'HS256', repeat('operator', 8), operator => true);
    INSERT INTO saas_blog.tb_tenant (identifier, name) VALUES ('demo', 'Demo Blog'), ('another', 'Another Blog');
    INSERT INTO saas_blog.tb_user (fk_tenant, email, name, role)
        SELECT pk_tenant, role || '@' || identifier || '.example', role || ' of ' || identifier, role
        FROM saas_blog.tb_tenant, unnest(ARRAY['admin', 'editor', 'subscriber']) role;
    INSERT INTO saas_blog.tb_post (fk_tenant, fk_user, title, content, published, deleted_at, created_at)
        SELECT fk_tenant, pk_user, 'Post ' || i, 'Content ' || i, i <> 2, CASE WHEN i = 3 THEN now() END,
               '2026-01-01'::timestamptz + i * interval '1 hour'
        FROM saas_blog.tb_user, generate_series(1, 4) i WHERE role = 'editor';
    INSERT INTO saas_blog.tb_comment (fk_tenant, fk_post, fk_user, content)
        SELECT p.fk_tenant, pk_post, pk_user, 'Comment on ' || title
        FROM saas_blog.tb_post p JOIN saas_blog.tb_user u USING (fk_tenant) WHERE u.role = 'subscriber'";

fn text(sql: &str, arguments: &[pgrx::datum::DatumWithOid<'_>]) -> String {
    Spi::get_one_with_args(sql, arguments).unwrap().unwrap()
}

fn token(tenant: &str, role: &str) -> String {
    let claims = "SELECT saas_blog.sign_jwt(jsonb_build_object('sub', u.id, 'tenant_id', t.id, 'role', role,
        'exp', floor(extract(epoch FROM now())) + 600), 'k')
        FROM saas_blog.tb_user u JOIN saas_blog.tb_tenant t ON pk_tenant = fk_tenant
        WHERE t.identifier = $1 AND role = $2";
    text(claims, &[tenant.into(), role.into()])
}

fn operator() -> String {
    let claims = "SELECT saas_blog.sign_jwt(jsonb_build_object('role', 'operator',
        'exp', floor(extract(epoch FROM now())) + 600), 'op')";
    text(claims, &[])
}

fn execute(token: &str, query: &str) -> Value {
    let answer = text("SELECT graphql.execute($1, jwt => $2)::text", &[query.into(), token.into()]);
    serde_json::from_str(&answer).unwrap()
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

#[pg_schema]
mod tests {
    use super::{BLOG, Spi, Value, code, execute, json, operator, pg_test, text, token};

    #[pg_test]
    fn the_first_query_of_the_guide_is_answered_for_each_tenant_alone() {
        Spi::run(BLOG).unwrap();
        let query = "{ posts(first: 20) { edges { node { title content author { name } comments(first: 5) {
            edges { node { content author { name } } } } } } pageInfo { hasNextPage endCursor } } }";
        for (tenant, other) in [("demo", "another"), ("another", "demo")] {
            let answer = execute(&token(tenant, "editor"), query);
            let edges = answer["data"]["posts"]["edges"].as_array().unwrap();
            let titles: Vec<_> = edges.iter().map(|edge| &edge["node"]["title"]).collect();
            assert_eq!(titles, ["Post 4", "Post 2", "Post 1"]);
            assert_eq!(edges[0]["node"]["author"]["name"], format!("editor of {tenant}"));
            let comment = &edges[0]["node"]["comments"]["edges"][0]["node"];
            assert_eq!(comment["author"]["name"], format!("subscriber of {tenant}"));
            assert_eq!(answer["data"]["posts"]["pageInfo"]["hasNextPage"], false);
            assert!(!answer.to_string().contains(other));
        }
    }

    #[pg_test]
    fn a_subscriber_sees_no_draft_and_no_comment_on_one() {
        Spi::run(BLOG).unwrap();
        let query = "{ posts { totalCount nodes { title } } }";
        let answer = execute(&token("demo", "subscriber"), query);
        assert_eq!(
            answer["data"]["posts"],
            json!({"totalCount": 2, "nodes": [{"title": "Post 4"}, {"title": "Post 1"}]})
        );
        let draft: String = text("SELECT id::text FROM saas_blog.tb_post WHERE NOT published LIMIT 1", &[]);
        let query =
            format!("{{ post(id: \"{draft}\") {{ id }} comments(postId: \"{draft}\") {{ totalCount }} }}");
        let answer = execute(&token("demo", "subscriber"), &query);
        assert_eq!(answer["data"], json!({"post": null, "comments": {"totalCount": 0}}));
    }

    #[pg_test]
    fn the_trash_is_the_only_place_that_shows_deleted_posts() {
        Spi::run(BLOG).unwrap();
        let query = "{ deletedPosts { nodes { title comments { nodes { content post { title } } } } }
            posts { totalCount } me { posts { totalCount } } }";
        let answer = execute(&token("demo", "editor"), query);
        assert_eq!(answer["data"]["deletedPosts"]["nodes"][0]["title"], "Post 3");
        assert_eq!(
            answer["data"]["deletedPosts"]["nodes"][0]["comments"]["nodes"][0]["post"]["title"],
            "Post 3"
        );
        assert_eq!(answer["data"]["posts"]["totalCount"], 3);
        assert_eq!(answer["data"]["me"]["posts"]["totalCount"], 3);
        assert_eq!(
            code(&execute(&token("demo", "subscriber"), "{ deletedPosts { totalCount } }")),
            "FORBIDDEN"
        );
    }

    #[pg_test]
    fn an_operator_lists_tenants_and_reads_no_content() {
        Spi::run(BLOG).unwrap();
        let answer = execute(&operator(), "{ tenants { totalCount } me { id } tenant { id } }");
        assert_eq!(answer["data"], json!({"tenants": {"totalCount": 2}, "me": null, "tenant": null}));
        for query in
            ["{ posts { totalCount } }", "{ users { totalCount } }", "{ me { posts { totalCount } } }"]
        {
            assert_eq!(code(&execute(&operator(), query)), "FORBIDDEN", "{query}");
        }
    }

    #[pg_test]
    fn an_email_is_its_owners_and_the_editors() {
        Spi::run(BLOG).unwrap();
        let query = "{ me { email } posts(first: 1) { nodes { author { email } } } }";
        let answer = execute(&token("demo", "subscriber"), query);
        assert_eq!(answer["data"]["me"]["email"], "subscriber@demo.example");
        assert_eq!(answer["data"]["posts"]["nodes"][0]["author"]["email"], Value::Null);
        let answer = execute(&token("demo", "admin"), query);
        assert_eq!(answer["data"]["posts"]["nodes"][0]["author"]["email"], "editor@demo.example");
    }

    #[pg_test]
    fn an_object_of_64_keys_is_answered() {
        Spi::run(BLOG).unwrap();
        Spi::run("SET LOCAL saas_blog.max_aliases = 100").unwrap();
        let keys: Vec<String> = (0..64).map(|n| format!("k{n}: title")).collect();
        let answer =
            execute(&token("demo", "editor"), &format!("{{ posts {{ nodes {{ {} }} }} }}", keys.join(" ")));
        let node = answer["data"]["posts"]["nodes"][0].as_object().unwrap();
        assert_eq!(node.len(), 64);
        assert!(node.values().all(|title| title == "Post 4"));
    }

    #[pg_test]
    fn sixteen_thousand_brackets_are_an_error_and_no_crash() {
        Spi::run(BLOG).unwrap();
        let query = format!("{{ post(id: {}) {{ id }} }}", "[".repeat(16_384));
        assert_eq!(code(&execute(&token("demo", "editor"), &query)), "LIMIT_EXCEEDED");
    }

    #[pg_test]
    fn nothing_is_left_of_a_call() {
        Spi::run(BLOG).unwrap();
        for query in ["{ me { id } }", "{ nope }", "{ posts(after: \"x\") { totalCount } }"] {
            execute(&token("demo", "editor"), query);
            let left = "SELECT concat_ws(',', current_user, current_setting('app.tenant_id'),
                current_setting('app.tenant_pk'), current_setting('app.role'))";
            assert_eq!(text(left, &[]), format!("{},,,", text("SELECT session_user::text", &[])), "{query}");
        }
    }

    #[pg_test]
    fn resolve_and_execute_give_the_same_answer() {
        Spi::run(BLOG).unwrap();
        let query = "{ posts { nodes { title createdAt } } }";
        let same = "SELECT graphql.execute($1, jwt => $2)::jsonb = graphql.resolve($1, jwt => $2)";
        let arguments = [query.into(), token("demo", "editor").into()];
        assert_eq!(Spi::get_one_with_args::<bool>(same, &arguments), Ok(Some(true)));
    }

    #[pg_test]
    fn explain_shows_one_statement_and_its_plan() {
        Spi::run(BLOG).unwrap();
        let query = "query ($n: Int) { posts(first: $n) { nodes { id } } }";
        let explain = "SELECT graphql.explain($1, '{\"n\": 3}', $2)::text";
        let explained: Value =
            serde_json::from_str(&text(explain, &[query.into(), token("demo", "editor").into()])).unwrap();
        let statements = explained["statements"].as_array().unwrap();
        assert_eq!(statements.len(), 1);
        assert!(statements[0]["sql"].as_str().unwrap().starts_with("SELECT concat("));
        assert_eq!(statements[0]["parameters"][1], 3);
        assert!(statements[0]["plan"][0]["Plan"].is_object());
    }

    #[pg_test]
    fn every_invariant_holds_after_installation() {
        let failed = "SELECT coalesce(string_agg(check_name || ': ' || detail, '; '), '')
            FROM saas_blog.doctor() WHERE status <> 'ok'";
        assert_eq!(text(failed, &[]), "");
    }

    #[pg_test(error = "there is, or was, a key with this kid already")]
    fn a_known_kid_is_an_error() {
        Spi::run(BLOG).unwrap();
        Spi::run("SELECT saas_blog.add_jwt_key('k', 'HS256', repeat('other!', 8))").unwrap();
    }
}
