//! Stage 5: who may ask for what. The table is DESIGN.md §4, every field of the SDL is in it, and every cell of
//! field × role × set of scopes is asked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;
#[path = "authorisation/rules.rs"]
mod rules;

use std::collections::BTreeSet;

use common::{ID, ROLES, Request, none_wrong, request, schema, scopes, sql, subscription};
use rules::{ALL, FREE, NEEDED, NODES, RULES, Rule, WAYS};
use saas_blog::schema::Role::{self, Admin, Editor, Operator, Subscriber};

fn rule(field: &str) -> Rule {
    let free = || {
        FREE.iter().flat_map(|line| line.split(' ')).find(|free| *free == field).map(|free| (free, ALL, None))
    };
    let rule = RULES.iter().copied().find(|(ruled, ..)| *ruled == field).or_else(free);
    rule.unwrap_or_else(|| panic!("DESIGN.md says nothing about {field}"))
}

/// `None` is a token without the claim, which has all scopes of its role.
type Claim = Option<Vec<&'static str>>;

/// No claim, and every subset of the scopes that matter, alone and with all of the others.
fn claims(matter: &BTreeSet<&'static str>) -> Vec<Claim> {
    let matter: Vec<&str> = matter.iter().copied().collect();
    let others = schema().scopes.iter().map(String::as_str).filter(|scope| !matter.contains(scope));
    let others: Vec<&'static str> = others.collect();
    let subsets = (0..1_usize << matter.len()).flat_map(|bits| {
        let chosen = matter.iter().enumerate().filter(|(place, _)| bits >> place & 1 == 1);
        let chosen: Vec<&'static str> = chosen.map(|(_, scope)| *scope).collect();
        let with_others = chosen.iter().chain(&others).copied().collect();
        [Some(chosen), Some(with_others)]
    });
    std::iter::once(None).chain(subsets).collect()
}

/// The scopes that any rule about the fields names.
fn scopes_of(fields: &[&str]) -> BTreeSet<&'static str> {
    let found = |field: &&str| {
        let node = NODES.iter().find(|(node, ..)| field.split_once('.').unwrap().0 == *node);
        [rule(field).2, node.filter(|_| fields[0] == "Query.node").and_then(|node| node.2)]
    };
    fields.iter().flat_map(found).flatten().collect()
}

/// The scopes of the types that `node` finds.
fn scopes_of_nodes() -> BTreeSet<&'static str> {
    NODES.iter().filter_map(|(.., scope)| *scope).collect()
}

fn has(claim: &Claim, scope: &str) -> bool {
    claim.as_ref().is_none_or(|scopes| scopes.contains(&scope))
}

/// A request for the fields, one within the other.
fn asking(fields: &[&str]) -> String {
    let kind = match fields[0].split_once('.') {
        Some(("Mutation", _)) => "mutation",
        Some(("Subscription", _)) => "subscription",
        _ => "query",
    };
    format!("{kind}{}", nested(fields))
}

fn asked(query: &str) -> Request {
    if query.starts_with("subscription") { subscription(query) } else { request(query) }
}

fn nested(fields: &[&str]) -> String {
    let Some((first, inner)) = fields.split_first() else { return String::new() };
    let name = first.split_once('.').unwrap().1;
    let needed = NEEDED.iter().find(|(field, _)| field == first).map_or("", |(_, arguments)| arguments);
    let open = inner.is_empty() && !leaf(first);
    let inner = match inner.first().and_then(|field| field.split_once('.')) {
        Some((ty, _)) if *first == "Query.node" => format!(" {{ ... on {ty}{} }}", nested(inner)),
        _ if open => " { __typename }".to_owned(),
        _ => nested(inner),
    };
    format!(" {{ {name}{needed}{inner} }}")
}

fn leaf(field: &str) -> bool {
    let (ty, name) = field.split_once('.').unwrap();
    let schema = schema();
    let field = schema.get(schema.named(ty).unwrap()).field(name).unwrap();
    schema.get(field.ty.named()).is_leaf()
}

fn admitted((_, roles, scope): Rule, role: Role, claim: &Claim) -> bool {
    roles.contains(&role) && scope.is_none_or(|scope| has(claim, scope))
}

/// What the rules say: the first field on the way that the caller may not ask for.
fn expected(fields: &[&str], role: Role, claim: &Claim) -> String {
    if let ["Query.node", field, ..] = fields {
        let (ty, _) = field.split_once('.').unwrap();
        let node = NODES.iter().find(|(node, ..)| *node == ty).unwrap();
        if admitted(rule("Query.node"), role, claim) && !admitted(*node, role, claim) {
            return "ok".to_owned();
        }
    }
    let forbidden = fields.iter().position(|field| !admitted(rule(field), role, claim));
    let names: Vec<&str> = fields.iter().map(|field| field.split_once('.').unwrap().1).collect();
    forbidden.map_or_else(
        || "ok".to_owned(),
        |at| format!("FORBIDDEN {}: You may not ask for field \"{}\".", names[..=at].join("."), names[at]),
    )
}

/// The verdict without the place in the text.
fn found(request: &Request) -> String {
    let failures = request.failures().into_iter().map(|mut failure| {
        assert_eq!(failure.locations.len(), 1);
        failure.locations.clear();
        common::verdict(&failure)
    });
    failures.reduce(|all, next| format!("{all}; {next}")).unwrap_or_else(|| "ok".to_owned())
}

fn fields_of(ty: &str) -> Vec<String> {
    let schema = schema();
    let fields = schema.get(schema.named(ty).unwrap()).fields().iter();
    fields.map(|field| format!("{ty}.{}", field.name)).collect()
}

#[test]
fn every_field_for_every_role_and_set_of_scopes() {
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (ty, way) in WAYS {
        for field in fields_of(ty) {
            let fields: Vec<&str> = way.split_whitespace().chain([field.as_str()]).collect();
            let query = asking(&fields);
            let claims = claims(&scopes_of(&fields));
            for (role, claim) in ROLES.iter().flat_map(|role| claims.iter().map(|claim| (*role, claim))) {
                let request = asked(&query).role(role).scopes(scopes(claim.as_deref()));
                let (wanted, found) = (expected(&fields, role, claim), found(&request));
                cells += 1;
                if wanted != found {
                    wrong.push(format!("{query} {role:?} {claim:?}\n- {wanted}\n+ {found}"));
                }
            }
        }
    }
    none_wrong(&wrong);
    assert!(cells > 8_000, "{cells}");
}

/// A field that is added to the SDL fails here until the table says who may ask for it.
#[test]
fn the_table_has_every_field() {
    let reachable: BTreeSet<&str> = WAYS.iter().map(|(ty, _)| *ty).collect();
    let own = |name: &str| !name.starts_with("__") && name != "Node";
    let objects = schema().types().filter(|(_, ty)| ty.is_composite() && own(&ty.name));
    let mut fields = BTreeSet::new();
    for (_, ty) in objects {
        assert!(reachable.contains(ty.name.as_str()), "no way to {}", ty.name);
        fields.extend(fields_of(&ty.name));
    }
    let ruled = RULES.iter().map(|(field, ..)| *field);
    let ruled: BTreeSet<String> =
        ruled.chain(FREE.iter().flat_map(|line| line.split(' '))).map(str::to_owned).collect();
    assert_eq!(fields, ruled);
    let named: BTreeSet<&str> = RULES.iter().filter_map(|(_, _, scope)| *scope).collect();
    assert_eq!(named, schema().scopes.iter().map(String::as_str).collect());
}

/// `node` looks for what the caller may find and for nothing else, and a comment's post must be there too.
#[test]
fn the_probes_of_node_for_every_role_and_set_of_scopes() {
    let query = format!("{{ node(id: \"{ID}\") {{ id }} }}");
    for role in [Subscriber, Editor, Admin] {
        for claim in claims(&scopes_of_nodes()) {
            let text = request(&query).role(role).scopes(scopes(claim.as_deref())).sql();
            let wanted = NODES.iter().filter(|node| admitted(**node, role, &claim));
            let tables = |ty: &str| match ty {
                "AuditLog" => vec!["tb_audit_log".to_owned()],
                "Comment" => vec!["tb_comment".to_owned(), "tb_post".to_owned()],
                _ => vec![format!("tb_{}", ty.to_ascii_lowercase())],
            };
            let wanted: Vec<String> = wanted.flat_map(|(ty, ..)| tables(ty)).collect();
            let found: Vec<&str> = sql::tables(&text).into_iter().map(|(table, ..)| table).collect();
            assert_eq!(found, wanted, "{role:?} {claim:?}: {text}");
        }
    }
}

#[test]
fn the_first_forbidden_field_fails_the_whole_operation() {
    let query = "{ me { name } mine: me { all: posts { nodes { n: commentCount } } } users { totalCount } }";
    let ask = |role, claim: Option<&[&str]>| request(query).role(role).scopes(scopes(claim)).verdict();
    let sentence = |field| format!("You may not ask for field \"{field}\".");
    assert_eq!(ask(Admin, None), "ok");
    assert_eq!(ask(Editor, None), format!("FORBIDDEN 1:69 users: {}", sentence("users")));
    assert_eq!(ask(Admin, Some(&["read:users"])), format!("FORBIDDEN 1:26 mine.all: {}", sentence("posts")));
    assert_eq!(
        ask(Admin, Some(&["read:posts"])),
        format!("FORBIDDEN 1:47 mine.all.nodes.n: {}", sentence("commentCount"))
    );
    // A field that is skipped is not asked for.
    assert_eq!(
        request("{ me { name } users @skip(if: true) { totalCount } }").role(Subscriber).verdict(),
        "ok"
    );
}

/// Nothing of a mutation is carried out if any of it is forbidden: it fails before its first statement.
#[test]
fn a_mutation_is_forbidden_as_a_whole() {
    let query = format!(
        "mutation {{ createComment(postId: \"{ID}\", content: \"Hi\") {{ id }} gone: deletePost(id: \"{ID}\") {{ id comments {{ totalCount }} }} }}"
    );
    let ask = |role, claim: Option<&[&str]>| request(&query).role(role).scopes(scopes(claim));
    let place = |key: &str, column| format!("FORBIDDEN 1:{column} {key}: You may not ask for field");
    let posts: &[&str] = &["write:comments", "write:posts"];
    assert_eq!(ask(Admin, None).verdict(), "ok");
    for (request, key, column, field) in [
        (ask(Subscriber, None), "gone", 96, "deletePost"),
        (ask(Editor, Some(&["write:comments"])), "gone", 96, "deletePost"),
        (ask(Editor, Some(&["write:posts", "read:comments"])), "createComment", 12, "createComment"),
        (ask(Admin, Some(posts)), "gone.comments", 162, "comments"),
        (ask(Operator, None), "createComment", 12, "createComment"),
    ] {
        assert_eq!(request.verdict(), format!("{} \"{field}\".", place(key, column)));
        assert!(request.compiled().is_err());
    }
}

/// The operator who creates a user is shown its e-mail.
#[test]
fn email_of_a_user_that_an_operator_creates() {
    let query = "mutation { createUser(tenantId: \"demo\", email: \"a@b.example\", name: \"A\") { email } }";
    for (claim, shown) in
        [(None, true), (Some(&["write:users", "read:users"][..]), true), (Some(&["write:users"]), false)]
    {
        let texts = request(query).role(Operator).scopes(scopes(claim)).texts();
        assert_eq!(texts[1].contains("CASE WHEN t0.\"pk_user\" = $"), !shown, "{claim:?}: {texts:?}");
    }
}

/// E-mail is no reason to refuse a request: it is null for those who may not see it, but for one's own.
#[test]
fn email_for_every_role_and_set_of_scopes() {
    for query in ["{ me { email } }".to_owned(), format!("{{ user(id: \"{ID}\") {{ email }} }}")] {
        for role in [Subscriber, Editor, Admin] {
            let claims = claims(&BTreeSet::from(["read:users"]));
            for claim in claims.iter().filter(|claim| query.contains("me {") || has(claim, "read:users")) {
                let text = request(&query).role(role).scopes(scopes(claim.as_deref())).sql();
                let shown = role != Subscriber && has(claim, "read:users");
                let (everybody, own) = (
                    " coalesce(to_json(t1.\"email\")",
                    "CASE WHEN t1.\"pk_user\" = $1 THEN coalesce(to_json(t1.\"email\")",
                );
                assert!(text.contains(everybody), "{text}");
                assert_eq!(text.contains(own), !shown, "{role:?} {claim:?}: {text}");
            }
        }
    }
}

/// Drafts are for editors and admins, whichever way leads to the posts.
#[test]
fn drafts_for_every_role_and_way() {
    for role in [Subscriber, Editor, Admin] {
        for query in [
            format!("{{ post(id: \"{ID}\") {{ id }} }}"),
            "{ posts { nodes { id } } }".to_owned(),
            "{ posts(last: 2) { nodes { id } pageInfo { hasPreviousPage } } }".to_owned(),
            "{ posts { totalCount } }".to_owned(),
            "{ me { posts { nodes { id } totalCount } } }".to_owned(),
            format!("{{ comments(postId: \"{ID}\") {{ totalCount nodes {{ id }} }} }}"),
            format!(
                "{{ node(id: \"{ID}\") {{ ... on Post {{ id }} ... on Comment {{ id }} ... on User {{ id }} }} }}"
            ),
        ] {
            let text = request(&query).role(role).sql();
            for (table, alias, _) in sql::tables(&text) {
                let hides = text.contains(&format!(" AND {alias}.\"published\""));
                assert_eq!(hides, table == "tb_post" && role == Subscriber, "{role:?} {alias}: {text}");
                let lives = text.contains(&format!(" AND {alias}.\"deleted_at\" IS NULL"));
                assert_eq!(lives, table != "tb_user", "{role:?} {alias}: {text}");
            }
        }
    }
}

/// `deletedPosts`: an editor's own, an admin's all; and nothing else shows what is deleted.
#[test]
fn the_trash_of_editors_and_admins() {
    for (role, own) in [(Editor, true), (Admin, false)] {
        let text = request("{ deletedPosts { totalCount nodes { id } } }").role(role).sql();
        assert_eq!(text.matches("\"deleted_at\" IS NOT NULL").count(), 2);
        assert_eq!(text.matches(".\"fk_user\" = $").count(), if own { 2 } else { 0 }, "{text}");
        assert!(!text.contains("IS NULL"));
    }
    let of_operators = ["Query.tenants", "Mutation.createTenant"];
    for (_, way) in WAYS.iter().filter(|(_, way)| !way.is_empty()) {
        let role = if of_operators.iter().any(|field| way.starts_with(field)) { Operator } else { Admin };
        let fields: Vec<&str> = way.split(' ').collect();
        let text = asked(&asking(&fields)).role(role).texts().concat();
        assert_eq!(text.contains("IS NOT NULL"), way.starts_with("Query.deletedPosts"), "{way}: {text}");
    }
}
