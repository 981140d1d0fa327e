//! Stage 5: who may ask for what. The table is DESIGN.md §4, every field of the SDL is in it, and every cell of
//! field × role × set of scopes is asked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeSet;

use common::sql::tables;
use common::{ID, ROLES, Request, none_wrong, request, schema, scopes};
use saas_blog::schema::Role::{self, Admin, Editor, Operator, Subscriber};

/// A field, the roles that may ask for it, and the scope that they need.
type Rule = (&'static str, &'static [Role], Option<&'static str>);

const ALL: &[Role] = &[Subscriber, Editor, Admin, Operator];
/// Everybody who belongs to a tenant.
const MEMBERS: &[Role] = &[Subscriber, Editor, Admin];
const EDITORS: &[Role] = &[Editor, Admin];

const POSTS: Option<&str> = Some("read:posts");
const COMMENTS: Option<&str> = Some("read:comments");
const USERS: Option<&str> = Some("read:users");
const TENANTS: Option<&str> = Some("read:tenants");

const RULES: &[Rule] = &[
    ("Query.me", ALL, None),
    ("Query.tenant", ALL, None),
    ("Query.node", MEMBERS, None),
    ("Query.post", MEMBERS, POSTS),
    ("Query.posts", MEMBERS, POSTS),
    ("Query.deletedPosts", EDITORS, POSTS),
    ("Query.comments", MEMBERS, COMMENTS),
    ("Query.user", MEMBERS, USERS),
    ("Query.users", &[Admin], USERS),
    ("Query.tenants", &[Operator], TENANTS),
    ("User.posts", MEMBERS, POSTS),
    ("Post.comments", MEMBERS, COMMENTS),
    ("Post.commentCount", MEMBERS, COMMENTS),
    ("Comment.post", MEMBERS, POSTS),
];

/// The types that `node` looks for, in this order, and who finds them. For all others it gives null and refuses nothing.
const NODES: &[Rule] = &[
    ("Tenant", MEMBERS, None),
    ("User", MEMBERS, USERS),
    ("Post", MEMBERS, POSTS),
    ("Comment", MEMBERS, COMMENTS),
];

/// Whoever reaches one of these may read it.
const FREE: &[&str] = &[
    "Tenant.id Tenant.identifier Tenant.name Tenant.createdAt Tenant.subscriptionTier",
    "User.id User.identifier User.email User.name User.role User.createdAt",
    "Post.id Post.identifier Post.title Post.content Post.published Post.deletedAt Post.createdAt Post.updatedAt Post.author",
    "Comment.id Comment.postId Comment.userId Comment.content Comment.createdAt Comment.author",
    "PostConnection.edges PostConnection.nodes PostConnection.pageInfo PostConnection.totalCount",
    "CommentConnection.edges CommentConnection.nodes CommentConnection.pageInfo CommentConnection.totalCount",
    "UserConnection.edges UserConnection.nodes UserConnection.pageInfo UserConnection.totalCount",
    "TenantConnection.edges TenantConnection.nodes TenantConnection.pageInfo TenantConnection.totalCount",
    "PostEdge.cursor PostEdge.node CommentEdge.cursor CommentEdge.node",
    "UserEdge.cursor UserEdge.node TenantEdge.cursor TenantEdge.node",
    "PageInfo.hasNextPage PageInfo.hasPreviousPage PageInfo.startCursor PageInfo.endCursor",
];

/// The ways from the root to each type: its name, and the fields on the way. An argument that is needed is `ID`.
const WAYS: &[(&str, &str)] = &[
    ("Query", ""),
    ("Tenant", "Query.tenant"),
    ("Tenant", "Query.tenants TenantConnection.nodes"),
    ("Tenant", "Query.node"),
    ("User", "Query.node"),
    ("User", "Query.me"),
    ("User", "Query.user"),
    ("User", "Query.users UserConnection.nodes"),
    ("User", "Query.posts PostConnection.nodes Post.author"),
    ("User", "Query.comments CommentConnection.nodes Comment.author"),
    ("Post", "Query.node"),
    ("Post", "Query.post"),
    ("Post", "Query.posts PostConnection.nodes"),
    ("Post", "Query.posts PostConnection.edges PostEdge.node"),
    ("Post", "Query.deletedPosts PostConnection.nodes"),
    ("Post", "Query.me User.posts PostConnection.nodes"),
    ("Post", "Query.comments CommentConnection.nodes Comment.post"),
    ("Comment", "Query.node"),
    ("Comment", "Query.comments CommentConnection.nodes"),
    ("Comment", "Query.posts PostConnection.nodes Post.comments CommentConnection.edges CommentEdge.node"),
    ("PostConnection", "Query.posts"),
    ("PostConnection", "Query.me User.posts"),
    ("PostEdge", "Query.posts PostConnection.edges"),
    ("CommentConnection", "Query.comments"),
    ("CommentConnection", "Query.post Post.comments"),
    ("CommentEdge", "Query.comments CommentConnection.edges"),
    ("UserConnection", "Query.users"),
    ("UserEdge", "Query.users UserConnection.edges"),
    ("TenantConnection", "Query.tenants"),
    ("TenantEdge", "Query.tenants TenantConnection.edges"),
    ("PageInfo", "Query.posts PostConnection.pageInfo"),
    ("PageInfo", "Query.tenants TenantConnection.pageInfo"),
];

fn rule(field: &str) -> Rule {
    let free = || {
        FREE.iter().flat_map(|line| line.split(' ')).find(|free| *free == field).map(|free| (free, ALL, None))
    };
    let rule = RULES.iter().copied().find(|(ruled, ..)| *ruled == field).or_else(free);
    rule.unwrap_or_else(|| panic!("DESIGN.md says nothing about {field}"))
}

/// `None` is a token without the claim, which has all scopes of its role.
type Claim = Option<Vec<&'static str>>;

/// No claim, and every subset of the schema's scopes.
fn claims() -> Vec<Claim> {
    let known = ["read:posts", "read:comments", "read:users", "read:tenants"];
    let subsets = (0..1_usize << known.len()).map(|bits| {
        Some(
            known
                .iter()
                .enumerate()
                .filter(|(place, _)| bits >> place & 1 == 1)
                .map(|(_, scope)| *scope)
                .collect(),
        )
    });
    std::iter::once(None).chain(subsets).collect()
}

fn has(claim: &Claim, scope: &str) -> bool {
    claim.as_ref().is_none_or(|scopes| scopes.contains(&scope))
}

/// A request for the fields, one within the other.
fn nested(fields: &[&str]) -> String {
    let Some((first, inner)) = fields.split_first() else { return String::new() };
    let name = first.split_once('.').unwrap().1;
    let argument = match *first {
        "Query.node" | "Query.post" | "Query.user" => format!("(id: \"{ID}\")"),
        "Query.comments" => format!("(postId: \"{ID}\")"),
        _ => String::new(),
    };
    let open = inner.is_empty() && !leaf(first);
    let inner = match inner.first().and_then(|field| field.split_once('.')) {
        Some((ty, _)) if *first == "Query.node" => format!(" {{ ... on {ty}{} }}", nested(inner)),
        _ if open => " { __typename }".to_owned(),
        _ => nested(inner),
    };
    format!(" {{ {name}{argument}{inner} }}")
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
            let query = nested(&fields);
            for role in ROLES {
                for claim in claims() {
                    let request = request(&query).role(role).scopes(scopes(claim.as_deref()));
                    let (wanted, found) = (expected(&fields, role, &claim), found(&request));
                    cells += 1;
                    if wanted != found {
                        wrong.push(format!("{query} {role:?} {claim:?}\n- {wanted}\n+ {found}"));
                    }
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
        for claim in claims() {
            let text = request(&query).role(role).scopes(scopes(claim.as_deref())).sql();
            let wanted = NODES.iter().filter(|node| admitted(**node, role, &claim));
            let mut wanted: Vec<String> =
                wanted.map(|(ty, ..)| format!("tb_{}", ty.to_ascii_lowercase())).collect();
            if wanted.last().is_some_and(|last| last == "tb_comment") {
                wanted.push("tb_post".to_owned());
            }
            let found: Vec<&str> = tables(&text).into_iter().map(|(table, ..)| table).collect();
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

/// E-mail is no reason to refuse a request: it is null for those who may not see it, but for one's own.
#[test]
fn email_for_every_role_and_set_of_scopes() {
    for query in ["{ me { email } }".to_owned(), format!("{{ user(id: \"{ID}\") {{ email }} }}")] {
        for role in [Subscriber, Editor, Admin] {
            for claim in
                claims().into_iter().filter(|claim| query.contains("me {") || has(claim, "read:users"))
            {
                let text = request(&query).role(role).scopes(scopes(claim.as_deref())).sql();
                let shown = role != Subscriber && has(&claim, "read:users");
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
            for (table, alias, _) in tables(&text) {
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
    for (_, way) in WAYS.iter().filter(|(ty, _)| *ty != "Query") {
        let role = if way.starts_with("Query.tenants") { Operator } else { Admin };
        let fields: Vec<&str> = way.split(' ').collect();
        let text = request(nested(&fields)).role(role).sql();
        assert_eq!(text.contains("IS NOT NULL"), way.starts_with("Query.deletedPosts"), "{way}: {text}");
    }
}
