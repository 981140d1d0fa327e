//! The values of arguments: page sizes, cursors, the tenant's name, ids. They are looked at on every call.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use saas_blog::plan::{Bound, PageSize};
use saas_blog::schema::{Binding, Role};
use serde_json::{Value as Json, json};

use crate::common::{ID, Request, TENANT, none_wrong, request, schema, verdicts};

/// A cursor of a list, such as `Query.posts`, as the compiled SQL makes it.
fn cursor(list: &str, microseconds: i64) -> String {
    let (ty, name) = list.split_once('.').unwrap();
    let field = schema().get(schema().named(ty).unwrap()).field(name).unwrap();
    let Some(Binding::Rows(list)) = &field.binding else { panic!("{list}") };
    let id = uuid::Uuid::parse_str(ID).unwrap();
    STANDARD.encode([&list.tag[..], &microseconds.to_be_bytes(), id.as_bytes()].concat())
}

fn values(request: &Request) -> Vec<Bound> {
    request.compiled().unwrap().values.unwrap().concat()
}

#[test]
fn page_sizes() {
    let size =
        |argument| format!("BAD_USER_INPUT 1:3 posts: Argument \"{argument}\" must be between 0 and 100.");
    let range = |value| {
        format!(
            "GRAPHQL_VALIDATION_FAILED 1:16: Int cannot represent non 32-bit signed integer value: {value}"
        )
    };
    let two = "BAD_USER_INPUT 1:3 posts: Only one of \"first\", \"last\" and \"limit\" can be given.";
    let ask = |arguments: &str| request(format!("{{ posts{arguments} {{ totalCount nodes {{ id }} }} }}"));
    verdicts([
        (ask(""), "ok"),
        (ask("(first: 0)"), "ok"),
        (ask("(first: 100)"), "ok"),
        (ask("(last: 100)"), "ok"),
        (ask("(limit: 100)"), "ok"),
        (ask("(first: -0)"), "ok"),
        (ask("(first: 101)"), size("first").as_str()),
        (ask("(first: -1)"), &size("first")),
        (ask("(last: 101)"), &size("last")),
        (ask("(limit: -2147483648)"), &size("limit")),
        (ask("(limit: 2147483647)"), &size("limit")),
        (ask("(first: 2147483648)"), &range("2147483648")),
        (ask("(first: 123456789012345678901234567890)"), &range("123456789012345678901234567890")),
        (ask("(first: 5, last: 5)"), two),
        (ask("(first: 5, limit: 5)"), two),
        (ask("(last: 5, limit: 5)"), two),
        (ask("(last: 5, limit: 5, first: 5)"), two),
        (ask("(first: 5, last: null, limit: null)"), "ok"),
    ]);
}

#[test]
fn page_sizes_by_variables() {
    let query = "query ($first: Int, $last: Int) { posts(first: $first, last: $last) { nodes { id } } }";
    let ask = |variables| request(query).variables(variables);
    let size = "BAD_USER_INPUT 1:35 posts: Argument \"first\" must be between 0 and 100.";
    let two = "BAD_USER_INPUT 1:35 posts: Only one of \"first\", \"last\" and \"limit\" can be given.";
    verdicts([
        (ask(json!({})), "ok"),
        (ask(json!({"first": null})), "ok"),
        (ask(json!({"first": 100, "last": null})), "ok"),
        (ask(json!({"first": 101})), size),
        (ask(json!({"first": -1})), size),
        (ask(json!({"first": 5, "last": 5})), two),
    ]);
    let bound = |variables| values(&ask(variables))[1].clone();
    assert_eq!(bound(json!({"last": 7})), Bound::Bigint(Some(7)));
    assert_eq!(bound(json!({})), Bound::Bigint(Some(PageSize::DEFAULT.into())));
}

/// The path names the field, however deep it lies and whatever it is called in the answer.
#[test]
fn a_bad_value_is_told_at_its_field() {
    let query = "{ me { mine: posts { e: edges { n: node { comments(first: 5) { totalCount } c: comments(first: 500) { totalCount } } } } } }";
    assert_eq!(
        request(query).verdict(),
        "BAD_USER_INPUT 1:77 me.mine.e.n.c: Argument \"first\" must be between 0 and 100."
    );
}

#[test]
fn cursors() {
    let good = cursor("Query.posts", 5);
    let bad =
        |argument| format!("BAD_USER_INPUT 1:43 posts: Argument \"{argument}\" is no cursor of this list.");
    let query =
        "query ($after: String, $before: String) { posts(after: $after, before: $before) { nodes { id } } }";
    let ask = |name: &str, cursor: &str| request(query).variables(json!({name: cursor}));
    let mut rows = vec![
        (ask("after", &good), "ok".to_owned()),
        (ask("before", &good), "ok".to_owned()),
        (ask("after", &cursor("Query.posts", -211_813_488_000_000_000)), "ok".to_owned()),
    ];
    let garbage = [
        String::new(),
        "cursor123".to_owned(),
        "\u{0}".to_owned(),
        "é".repeat(36),
        good.to_lowercase(),
        format!("{good}="),
        format!(" {good}"),
        good[..35].to_owned(),
        good.repeat(1_000),
        URL_SAFE.encode([0xff; 27]),
        cursor("Query.deletedPosts", 5),
        cursor("User.posts", 5),
        cursor("Query.comments", 5),
        cursor("Query.posts", i64::MAX),
        cursor("Query.posts", i64::MIN),
        cursor("Query.posts", 9_223_371_331_200_000_000),
    ];
    for text in &garbage {
        rows.push((ask("after", text), bad("after")));
        rows.push((ask("before", text), bad("before")));
    }
    verdicts(rows.iter().map(|(request, wanted)| (request.clone(), wanted.as_str())));
}

/// Cursors that no parameter reads are looked at too.
#[test]
fn cursors_of_pages_that_are_not_read() {
    for part in ["totalCount", "__typename", "pageInfo { hasNextPage }"] {
        let request = request(format!("{{ posts(last: 1, after: \"x\") {{ {part} }} }}"));
        assert_eq!(
            request.verdict(),
            "BAD_USER_INPUT 1:3 posts: Argument \"after\" is no cursor of this list."
        );
    }
}

#[test]
fn a_cursor_is_a_time_and_an_id() {
    let query = format!("{{ posts(after: \"{}\") {{ nodes {{ id }} }} }}", cursor("Query.posts", -7));
    let found = values(&request(query));
    assert_eq!(
        found[1..3],
        [Bound::Timestamptz(-7), Bound::Uuid(Some(*uuid::Uuid::parse_str(ID).unwrap().as_bytes()))]
    );
}

/// It never widens a token: what is not the caller's own tenant is refused, whether there is such a tenant or not.
#[test]
fn the_tenant_of_the_request_is_that_of_the_token() {
    let foreign = "FORBIDDEN 1:23 posts: The token does not belong to this tenant.";
    let ask = |tenant: Json| {
        request("query ($tenant: ID) { posts(tenantId: $tenant) { totalCount } }")
            .variables(json!({"tenant": tenant}))
    };
    let own = TENANT.1.to_string();
    let rows = [
        (json!("demo"), "ok"),
        (json!(own), "ok"),
        (json!(own.to_uppercase()), "ok"),
        (json!(null), "ok"),
        (json!("another"), foreign),
        (json!("Demo"), foreign),
        (json!(" demo"), foreign),
        (json!("demo\u{0}"), foreign),
        (json!(""), foreign),
        (json!(TENANT.0), foreign),
        (json!(ID), foreign),
        (json!(own.replace('-', "")), foreign),
        (json!(format!("{{{own}}}")), foreign),
        (json!(format!("urn:uuid:{own}")), foreign),
    ];
    verdicts(rows.map(|(tenant, wanted)| (ask(tenant), wanted)));
    assert_eq!(
        request("{ posts(tenantId: \"another\") { totalCount } }").verdict(),
        foreign.replace("1:23", "1:3")
    );
    // Roles come first: an operator has no tenant at all.
    let operator = ask(json!("demo")).role(Role::Operator);
    assert_eq!(operator.verdict(), "FORBIDDEN 1:23 posts: You may not ask for field \"posts\".");
}

/// Text that is no UUID in its usual form is bound as null, which equals no id.
#[test]
fn ids() {
    let ask = |id: Json| {
        values(&request("query ($id: ID!) { post(id: $id) { id } }").variables(json!({"id": id})))[1].clone()
    };
    let bytes = Bound::Uuid(Some(*uuid::Uuid::parse_str(ID).unwrap().as_bytes()));
    assert_eq!(ask(json!(ID)), bytes);
    let mixed = "aAbBcCdD-0000-4000-8000-000000000000";
    assert_eq!(ask(json!(mixed)), Bound::Uuid(Some(*uuid::Uuid::parse_str(mixed).unwrap().as_bytes())));
    let simple = ID.replace('-', "");
    let rows = [
        "",
        "1",
        "x",
        "null",
        &simple,
        &format!("{{{ID}}}"),
        &format!("{ID} "),
        &ID.replace('3', "g"),
        "\u{0}",
        &"é".repeat(18),
    ];
    let wrong = rows.into_iter().filter(|id| ask(json!(id)) != Bound::Uuid(None)).map(str::to_owned);
    none_wrong(&wrong.collect::<Vec<_>>());
    assert_eq!(ask(json!(12)), Bound::Uuid(None));
}

#[test]
fn an_operator_binds_no_tenant_and_no_user() {
    let request = request("{ me { id } tenant { id } }").role(Role::Operator);
    assert_eq!(values(&request), [Bound::Bigint(None), Bound::Bigint(None)]);
}
