//! Who may ask for what: DESIGN.md §4 as tables, and a way to ask for each field.

use saas_blog::schema::Role::{self, Admin, Editor, Operator, Subscriber};

/// A field, the roles that may ask for it, and the scope that they need.
pub(super) type Rule = (&'static str, &'static [Role], Option<&'static str>);

pub(super) const ALL: &[Role] = &[Subscriber, Editor, Admin, Operator];
/// Everybody who belongs to a tenant.
const MEMBERS: &[Role] = &[Subscriber, Editor, Admin];
const EDITORS: &[Role] = &[Editor, Admin];

const POSTS: Option<&str> = Some("read:posts");
const COMMENTS: Option<&str> = Some("read:comments");
const USERS: Option<&str> = Some("read:users");
const TENANTS: Option<&str> = Some("read:tenants");
const AUDIT: Option<&str> = Some("read:audit");
const WRITE_POSTS: Option<&str> = Some("write:posts");
const WRITE_COMMENTS: Option<&str> = Some("write:comments");
const WRITE_USERS: Option<&str> = Some("write:users");
const WRITE_TENANTS: Option<&str> = Some("write:tenants");

pub(super) const RULES: &[Rule] = &[
    ("Query.me", ALL, None),
    ("Query.tenant", ALL, None),
    ("Query.node", MEMBERS, None),
    ("Query.post", MEMBERS, POSTS),
    ("Query.posts", MEMBERS, POSTS),
    ("Query.deletedPosts", EDITORS, POSTS),
    ("Query.searchPosts", MEMBERS, POSTS),
    ("Query.popularPosts", MEMBERS, POSTS),
    ("PostSearchResult.post", MEMBERS, POSTS),
    ("Query.comments", MEMBERS, COMMENTS),
    ("Query.user", MEMBERS, USERS),
    ("Query.users", &[Admin], USERS),
    ("Query.auditLogs", &[Admin], AUDIT),
    ("Query.tenants", &[Operator], TENANTS),
    ("Mutation.createTenant", &[Operator], WRITE_TENANTS),
    ("Mutation.createUser", &[Admin, Operator], WRITE_USERS),
    ("Mutation.updateUser", &[Admin], WRITE_USERS),
    ("Mutation.createPost", EDITORS, WRITE_POSTS),
    ("Mutation.updatePost", EDITORS, WRITE_POSTS),
    ("Mutation.deletePost", EDITORS, WRITE_POSTS),
    ("Mutation.restorePost", EDITORS, WRITE_POSTS),
    ("Mutation.createComment", MEMBERS, WRITE_COMMENTS),
    ("Mutation.deleteComment", MEMBERS, WRITE_COMMENTS),
    ("Subscription.commentCreated", MEMBERS, COMMENTS),
    ("User.posts", MEMBERS, POSTS),
    ("Post.comments", MEMBERS, COMMENTS),
    ("Post.commentCount", MEMBERS, COMMENTS),
    ("Comment.post", MEMBERS, POSTS),
];

/// The types that `node` looks for, in this order, and who finds them. For all others it gives null and refuses nothing.
pub(super) const NODES: &[Rule] = &[
    ("Tenant", MEMBERS, None),
    ("User", MEMBERS, USERS),
    ("Post", MEMBERS, POSTS),
    ("Comment", MEMBERS, COMMENTS),
    ("AuditLog", &[Admin], AUDIT),
];

/// Whoever reaches one of these may read it.
pub(super) const FREE: &[&str] = &[
    "Tenant.id Tenant.identifier Tenant.name Tenant.createdAt Tenant.subscriptionTier",
    "User.id User.identifier User.email User.name User.role User.createdAt",
    "Post.id Post.identifier Post.title Post.content Post.published Post.deletedAt Post.createdAt Post.updatedAt Post.author",
    "PostSearchResult.id PostSearchResult.title PostSearchResult.highlight PostSearchResult.rank",
    "Comment.id Comment.postId Comment.userId Comment.content Comment.createdAt Comment.author",
    "AuditLog.id AuditLog.userId AuditLog.entityType AuditLog.entityId AuditLog.action AuditLog.changes",
    "AuditLog.createdAt AuditLog.user",
    "PostConnection.edges PostConnection.nodes PostConnection.pageInfo PostConnection.totalCount",
    "CommentConnection.edges CommentConnection.nodes CommentConnection.pageInfo CommentConnection.totalCount",
    "UserConnection.edges UserConnection.nodes UserConnection.pageInfo UserConnection.totalCount",
    "TenantConnection.edges TenantConnection.nodes TenantConnection.pageInfo TenantConnection.totalCount",
    "AuditLogConnection.edges AuditLogConnection.nodes AuditLogConnection.pageInfo AuditLogConnection.totalCount",
    "PostEdge.cursor PostEdge.node CommentEdge.cursor CommentEdge.node",
    "UserEdge.cursor UserEdge.node TenantEdge.cursor TenantEdge.node",
    "AuditLogEdge.cursor AuditLogEdge.node",
    "PageInfo.hasNextPage PageInfo.hasPreviousPage PageInfo.startCursor PageInfo.endCursor",
];

/// The ways from a root to each type: its name, and the fields on the way.
pub(super) const WAYS: &[(&str, &str)] = &[
    ("Query", ""),
    ("Mutation", ""),
    ("Subscription", ""),
    ("Tenant", "Mutation.createTenant"),
    ("Tenant", "Query.tenant"),
    ("Tenant", "Query.tenants TenantConnection.nodes"),
    ("Tenant", "Query.node"),
    ("User", "Query.node"),
    ("User", "Query.me"),
    ("User", "Query.user"),
    ("User", "Query.users UserConnection.nodes"),
    ("User", "Query.posts PostConnection.nodes Post.author"),
    ("User", "Query.comments CommentConnection.nodes Comment.author"),
    ("User", "Query.auditLogs AuditLogConnection.nodes AuditLog.user"),
    ("User", "Query.node AuditLog.user"),
    ("User", "Mutation.createUser"),
    ("User", "Mutation.updateUser"),
    ("User", "Mutation.deletePost Post.author"),
    ("Post", "Query.node"),
    ("Post", "Query.post"),
    ("Post", "Query.posts PostConnection.nodes"),
    ("Post", "Query.posts PostConnection.edges PostEdge.node"),
    ("Post", "Query.deletedPosts PostConnection.nodes"),
    ("Post", "Query.me User.posts PostConnection.nodes"),
    ("Post", "Query.comments CommentConnection.nodes Comment.post"),
    ("Post", "Query.popularPosts"),
    ("Post", "Query.searchPosts PostSearchResult.post"),
    ("PostSearchResult", "Query.searchPosts"),
    ("Post", "Mutation.createPost"),
    ("Post", "Mutation.updatePost"),
    ("Post", "Mutation.deletePost"),
    ("Post", "Mutation.restorePost"),
    ("Post", "Mutation.createComment Comment.post"),
    ("Post", "Subscription.commentCreated Comment.post"),
    ("Post", "Mutation.createUser User.posts PostConnection.nodes"),
    ("Comment", "Query.node"),
    ("Comment", "Query.comments CommentConnection.nodes"),
    ("Comment", "Query.posts PostConnection.nodes Post.comments CommentConnection.edges CommentEdge.node"),
    ("Comment", "Mutation.createComment"),
    ("Comment", "Subscription.commentCreated"),
    ("Comment", "Mutation.deleteComment"),
    ("Comment", "Mutation.updatePost Post.comments CommentConnection.nodes"),
    ("AuditLog", "Query.node"),
    ("AuditLog", "Query.auditLogs AuditLogConnection.nodes"),
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
    ("AuditLogConnection", "Query.auditLogs"),
    ("AuditLogEdge", "Query.auditLogs AuditLogConnection.edges"),
    ("PageInfo", "Query.posts PostConnection.pageInfo"),
    ("PageInfo", "Query.tenants TenantConnection.pageInfo"),
];

/// The arguments that the fields need.
pub(super) const NEEDED: &[(&str, &str)] = &[
    ("Query.node", "(id: \"33333333-3333-4333-8333-333333333333\")"),
    ("Query.post", "(id: \"33333333-3333-4333-8333-333333333333\")"),
    ("Query.user", "(id: 1)"),
    ("Query.comments", "(postId: 1)"),
    ("Query.searchPosts", "(query: \"rows\")"),
    ("Subscription.commentCreated", "(postId: 1)"),
    ("Mutation.createTenant", "(name: \"Name\", identifier: \"name\")"),
    ("Mutation.createUser", "(email: \"a@b.example\", name: \"Name\")"),
    ("Mutation.updateUser", "(id: 1)"),
    ("Mutation.createPost", "(title: \"Title\", content: \"\")"),
    ("Mutation.updatePost", "(id: 1)"),
    ("Mutation.deletePost", "(id: 1)"),
    ("Mutation.restorePost", "(id: 1)"),
    ("Mutation.createComment", "(postId: 1, content: \"Text\")"),
    ("Mutation.deleteComment", "(id: 1)"),
];
