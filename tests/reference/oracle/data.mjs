// Turns a database into plain arrays: the rows of every table, of all tenants, live or deleted, with their internal
// keys. The server is the one that the environment names (PGHOST, PGPORT, PGUSER: a superuser), as `scripts/cluster`
// writes it.

import { spawnSync } from 'node:child_process';

/** What psql prints for a script; an error in it is an exception. */
export function psql(database, script) {
    const done = spawnSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', database, '-f', '-'], {
        input: script,
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
        env: { ...process.env, PGCLIENTENCODING: 'UTF8' },
    });
    if (done.error) throw done.error;
    if (done.status !== 0) {
        const answered = done.stdout.split('\n').length - 1;
        throw new Error(`psql ended with ${done.status} after ${answered} lines: ${done.stderr}`);
    }
    return done.stdout;
}

/** An SQL literal; psql reads no variables in it. */
export function quoted(value) {
    return value == null ? 'NULL' : `'${value.replaceAll("'", "''")}'`;
}

/**
 * Rows as JSON, with timestamps as microseconds since 1970: a number of JavaScript's has too few digits for them. Columns of
 * JSON are text, as PostgreSQL prints them.
 */
function tableSql(name, timestamps, json = []) {
    const others = [
        ...timestamps.map((column) => `'${column}', (extract(epoch FROM ${column}) * 1000000)::bigint::text`),
        ...json.map((column) => `'${column}', ${column}::text`),
    ];
    return `(SELECT json_agg(to_jsonb(t) || jsonb_build_object(${others.join(', ')})) FROM saas_blog.${name} AS t)`;
}

/** The tables: `tenants`, `users`, `posts`, `comments`, `logs`, each an array of rows in no particular order. */
export function readTables(database) {
    const tables = {
        tenants: tableSql('tb_tenant', ['created_at']),
        users: tableSql('tb_user', ['created_at']),
        posts: tableSql('tb_post', ['created_at', 'updated_at', 'deleted_at']),
        comments: tableSql('tb_comment', ['created_at', 'deleted_at']),
        logs: tableSql('tb_audit_log', ['created_at'], ['changes']),
    };
    const entries = Object.entries(tables).map(([name, sql]) => `'${name}', ${sql}`);
    const read = JSON.parse(psql(database, `SELECT json_build_object(${entries.join(', ')});`));
    const types = { tenants: 'Tenant', users: 'User', posts: 'Post', comments: 'Comment', logs: 'AuditLog' };
    for (const [name, type] of Object.entries(types)) {
        if (!read[name]) throw new Error(`there are no ${name}`);
        for (const row of read[name]) {
            row.__typename = type;
            for (const column of ['created_at', 'updated_at', 'deleted_at']) {
                if (row[column] != null) row[column] = BigInt(row[column]);
            }
        }
    }
    return read;
}

/** The ids of the parents with the most children in a tenant: `posts` with comments, `users` with posts. */
export function busiest(data, tenant) {
    const most = (parents, key, children, reference) =>
        parents
            .filter((parent) => parent.fk_tenant === tenant.pk_tenant)
            .map((parent) => [children.filter((child) => child[reference] === parent[key]).length, parent.id])
            .sort((left, right) => right[0] - left[0])
            .slice(0, 3)
            .map(([, id]) => id);
    return {
        posts: most(data.posts, 'pk_post', data.comments, 'fk_post'),
        users: most(data.users, 'pk_user', data.posts, 'fk_user'),
    };
}
