// Turns a request into the answer that the documents promise (DESIGN.md sections 3 and 4), over plain arrays, naively:
// every list is all rows, filtered, sorted and cut. It is written from the documents and not from the compiled SQL,
// so that it is an opinion of its own.

import { execute } from 'graphql';

const EVERYBODY = ['subscriber', 'editor', 'admin', 'operator'];
const TENANTS_ROLES = ['subscriber', 'editor', 'admin'];

/** Who may ask for what: `roles`, and the `scope` that a token with scopes must name. All else is for all. */
const ACCESS = {
    'Query.me': { roles: EVERYBODY },
    'Query.tenant': { roles: EVERYBODY },
    'Query.node': { roles: TENANTS_ROLES },
    'Query.post': { roles: TENANTS_ROLES, scope: 'read:posts' },
    'Query.posts': { roles: TENANTS_ROLES, scope: 'read:posts' },
    'Query.deletedPosts': { roles: ['editor', 'admin'], scope: 'read:posts' },
    'Query.comments': { roles: TENANTS_ROLES, scope: 'read:comments' },
    'Query.user': { roles: TENANTS_ROLES, scope: 'read:users' },
    'Query.users': { roles: ['admin'], scope: 'read:users' },
    'Query.auditLogs': { roles: ['admin'], scope: 'read:audit' },
    'Query.tenants': { roles: ['operator'], scope: 'read:tenants' },
    'User.posts': { roles: TENANTS_ROLES, scope: 'read:posts' },
    'Post.comments': { roles: TENANTS_ROLES, scope: 'read:comments' },
    'Post.commentCount': { roles: TENANTS_ROLES, scope: 'read:comments' },
    'Comment.post': { roles: TENANTS_ROLES, scope: 'read:posts' },
};

/** A token without the claim has all scopes of its role. */
const hasScope = (caller, scope) => scope === undefined || caller.scopes === undefined || caller.scopes.includes(scope);

/** Whether a caller may ask for `Type.field`. */
export function mayAsk(caller, coordinate) {
    const { roles = EVERYBODY, scope } = ACCESS[coordinate] ?? {};
    return roles.includes(caller.role) && hasScope(caller, scope);
}

const readsDrafts = (caller) => caller.role === 'editor' || caller.role === 'admin';
const isLive = (row) => row.deleted_at === null;
const mayReadPost = (caller, post) => post.published || readsDrafts(caller);

/** RFC 3339 in UTC with microseconds. */
function dateTime(micros) {
    if (micros === null) return null;
    const fraction = ((micros % 1000000n) + 1000000n) % 1000000n;
    const seconds = Number((micros - fraction) / 1000000n);
    return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(fraction).padStart(6, '0')}Z`;
}

const compare = (left, right) => (left < right ? -1 : left > right ? 1 : 0);
const oldestFirst = (left, right) => compare(left.created_at, right.created_at) || compare(left.id, right.id);
const newestFirst = (left, right) => oldestFirst(right, left);

/**
 * One page of a list. `list` is the field that the list's cursors belong to, `rows` are the rows of all its pages.
 * What lies before and behind a page are all rows there, also those beyond the cursors that were given.
 */
function page(list, rows, order, args, { cursors }) {
    const all = [...rows].sort(order);
    const [after, before] = [args.after, args.before].map((cursor) =>
        cursor == null ? null : cursors.row(list, cursor),
    );
    const between = all.filter((row) => (!after || order(row, after) > 0) && (!before || order(row, before) < 0));
    const backward = args.last != null;
    const size = Math.min(args.first ?? args.limit ?? args.last ?? 20, between.length);
    const picked = backward ? between.slice(between.length - size) : between.slice(0, size);
    const left = between.length > picked.length;
    const upToAfter = after !== null && all.some((row) => order(row, after) <= 0);
    const fromBefore = before !== null && all.some((row) => order(row, before) >= 0);
    const ends = picked.length ? [picked[0], picked[picked.length - 1]] : [];
    const [startCursor = null, endCursor = null] = ends.map((row) => cursors.of(list, row));
    return {
        edges: () => picked.map((row) => ({ cursor: cursors.of(list, row), node: row })),
        nodes: picked,
        pageInfo: {
            hasNextPage: fromBefore || (!backward && left),
            hasPreviousPage: upToAfter || (backward && left),
            startCursor,
            endCursor,
        },
        totalCount: all.length,
    };
}

/** The row of the caller's tenant with this id; a value that is no UUID finds nothing. */
const byId = (rows, caller, id) =>
    rows.find((row) => row.fk_tenant === caller.tenant?.pk_tenant && row.id === id.toLowerCase()) ?? null;

function livePost({ data, caller }, id) {
    const post = byId(data.posts, caller, id);
    return post && isLive(post) && mayReadPost(caller, post) ? post : null;
}

const livePosts = ({ data, caller }) =>
    data.posts.filter(
        (post) => post.fk_tenant === caller.tenant.pk_tenant && isLive(post) && mayReadPost(caller, post),
    );
const commentsOn = ({ data }, post) => data.comments.filter((row) => row.fk_post === post?.pk_post && isLive(row));
const userOf = ({ data }, row) => data.users.find((user) => user.pk_user === row.fk_user);
const postOf = ({ data }, comment) => data.posts.find((post) => post.pk_post === comment.fk_post);

/** A comment of the tenant, if the post it stands on could be asked for. */
function liveComment(context, id) {
    const comment = byId(context.data.comments, context.caller, id);
    return comment && isLive(comment) && livePost(context, postOf(context, comment).id) ? comment : null;
}

/** Any entity by its id: what the caller may not read by its own field, or by its scopes, is not there. */
function node(context, id) {
    const { data, caller } = context;
    const post = hasScope(caller, 'read:posts') ? livePost(context, id) : null;
    const user = hasScope(caller, 'read:users') ? byId(data.users, caller, id) : null;
    const comment = hasScope(caller, 'read:comments') ? liveComment(context, id) : null;
    const log = mayAsk(caller, 'Query.auditLogs') ? byId(data.logs, caller, id) : null;
    return post ?? user ?? comment ?? log ?? (caller.tenant.id === id.toLowerCase() ? caller.tenant : null);
}

function posts(context, args) {
    const author = args.authorId == null ? null : byId(context.data.users, context.caller, args.authorId);
    const rows = livePosts(context).filter(
        (post) =>
            (args.published == null || post.published === args.published) &&
            (args.authorId == null || post.fk_user === author?.pk_user),
    );
    return page('Query.posts', rows, newestFirst, args, context);
}

function deletedPosts(context, args) {
    const { data, caller } = context;
    const rows = data.posts.filter(
        (post) =>
            post.fk_tenant === caller.tenant.pk_tenant &&
            !isLive(post) &&
            (caller.role === 'admin' || post.fk_user === caller.user.pk_user),
    );
    return page('Query.deletedPosts', rows, newestFirst, args, context);
}

function users(context, args) {
    const rows = context.data.users.filter((user) => user.fk_tenant === context.caller.tenant.pk_tenant);
    return page('Query.users', rows, newestFirst, args, context);
}

function auditLogs(context, args) {
    const { data, caller } = context;
    const user = args.userId == null ? null : byId(data.users, caller, args.userId);
    const rows = data.logs.filter(
        (log) =>
            log.fk_tenant === caller.tenant.pk_tenant &&
            (args.entityType == null || log.entity_type === args.entityType) &&
            (args.entityId == null || log.entity_id === args.entityId.toLowerCase()) &&
            // Changes of operators have no user, and no user is theirs.
            (args.userId == null || (user !== null && log.fk_user === user.pk_user)),
    );
    return page('Query.auditLogs', rows, newestFirst, args, context);
}

/** Stands for text that is JSON already; `answer` puts the text there. */
const rawMark = (row, column) => `\u0001${row.id} ${column}`;

/** The answer with the JSON of rows as PostgreSQL prints it, with its spaces. */
function withRaw(text, { data }) {
    const marks = /"\\u0001([0-9a-f-]{36}) (\w+)"/g;
    return text.replaceAll(marks, (_, id, column) => data.logs.find((row) => row.id === id)[column]);
}

function email(user, { caller }) {
    const others = readsDrafts(caller) && hasScope(caller, 'read:users');
    return user.pk_user === caller.user?.pk_user || others ? user.email : null;
}

const userPosts = (user, args, context) =>
    page(
        'User.posts',
        livePosts(context).filter((post) => post.fk_user === user.pk_user),
        newestFirst,
        args,
        context,
    );

/** What is not here is a value of the row as it is, under the same name. */
const RESOLVERS = {
    Query: {
        me: (_, args, { caller }) => caller.user,
        tenant: (_, args, { caller }) => caller.tenant,
        node: (_, args, context) => node(context, args.id),
        post: (_, args, context) => livePost(context, args.id),
        posts: (_, args, context) => posts(context, args),
        deletedPosts: (_, args, context) => deletedPosts(context, args),
        comments: (_, args, context) =>
            page('Query.comments', commentsOn(context, livePost(context, args.postId)), oldestFirst, args, context),
        user: (_, args, { data, caller }) => byId(data.users, caller, args.id),
        users: (_, args, context) => users(context, args),
        auditLogs: (_, args, context) => auditLogs(context, args),
        tenants: (_, args, context) => page('Query.tenants', context.data.tenants, newestFirst, args, context),
    },
    Tenant: {
        createdAt: (tenant) => dateTime(tenant.created_at),
        subscriptionTier: (tenant) => tenant.subscription_tier,
    },
    User: {
        email: (user, args, context) => email(user, context),
        createdAt: (user) => dateTime(user.created_at),
        posts: userPosts,
    },
    Post: {
        deletedAt: (post) => dateTime(post.deleted_at),
        createdAt: (post) => dateTime(post.created_at),
        updatedAt: (post) => dateTime(post.updated_at),
        author: (post, args, context) => userOf(context, post),
        comments: (post, args, context) => page('Post.comments', commentsOn(context, post), oldestFirst, args, context),
        commentCount: (post, args, context) => commentsOn(context, post).length,
    },
    Comment: {
        postId: (comment, args, context) => postOf(context, comment).id,
        userId: (comment, args, context) => userOf(context, comment).id,
        createdAt: (comment) => dateTime(comment.created_at),
        author: (comment, args, context) => userOf(context, comment),
        post: (comment, args, context) => postOf(context, comment),
    },
    AuditLog: {
        userId: (log, args, context) => userOf(context, log)?.id,
        entityType: (log) => log.entity_type,
        entityId: (log) => log.entity_id,
        changes: (log) => rawMark(log, 'changes'),
        createdAt: (log) => dateTime(log.created_at),
        user: (log, args, context) => userOf(context, log),
    },
};

/** Fields that are values of a row, or of a page, as they are. */
const PLAIN = {
    Tenant: ['id', 'identifier', 'name'],
    User: ['id', 'identifier', 'name', 'role'],
    Post: ['id', 'identifier', 'title', 'content', 'published'],
    Comment: ['id', 'content'],
    AuditLog: ['id', 'action'],
    Node: ['id'],
    PageInfo: ['hasNextPage', 'hasPreviousPage', 'startCursor', 'endCursor'],
};

/** Whether the reference has an answer for `type.field`. */
export function isKnown(type, field) {
    if (type.startsWith('__') || field.startsWith('__')) return true;
    const parts = type.endsWith('Connection') ? ['edges', 'nodes', 'pageInfo', 'totalCount'] : (PLAIN[type] ?? []);
    const edge = type.endsWith('Edge') && ['cursor', 'node'].includes(field);
    return Boolean(RESOLVERS[type]?.[field]) || parts.includes(field) || edge;
}

function resolveField(source, args, context, { parentType, fieldName }) {
    const resolver = RESOLVERS[parentType.name]?.[fieldName];
    if (resolver) return resolver(source, args, context);
    const value = source[fieldName];
    return typeof value === 'function' ? value() : value;
}

/** The text of the answer. `context` has the `data`, the `caller` and the `cursors`. */
export function answer(schema, document, request, context) {
    const result = execute({
        schema,
        document,
        rootValue: {},
        contextValue: context,
        variableValues: request.variables,
        operationName: request.operationName,
        fieldResolver: resolveField,
    });
    return withRaw(JSON.stringify(result), context);
}
