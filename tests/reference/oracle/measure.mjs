// Turns an operation's selections into its size with all fragments expanded, as SECURITY.md counts it or more.

// A little below the defaults of SECURITY.md: what the limits do is tested elsewhere.
const LIMITS = { depth: 12, fields: 3000, aliases: 50, directives: 50, roots: 20, rows: 9000, bytes: 50e6 };
const BYTES = { 'Post.content': 16000, 'Comment.content': 4000, 'AuditLog.changes': 16000 };
const OTHER_BYTES = 50;

/** The size of selections below `times` rows. */
export function measure(selections, fragments, times = 1) {
    const sum = { depth: 0, fields: 0, aliases: 0, directives: 0, roots: 0, rows: 0, bytes: 0 };
    const add = (other) => {
        for (const name of Object.keys(sum))
            sum[name] = name === 'depth' ? Math.max(sum.depth, other.depth) : sum[name] + other[name];
    };
    for (const part of selections) {
        sum.directives += part.directives.length;
        if (part.kind === 'inline') add(measure(part.selections, fragments, times));
        else if (part.kind === 'spread') add(measure(fragments.get(part.name).selections, fragments, times));
        else {
            // `again` and a fragment may have written the page of a field that is merged: each counts.
            const inner = measure(part.selections ?? [], fragments, times * part.rows);
            add({ ...inner, depth: inner.depth + 1, roots: 0 });
            sum.fields += 1;
            sum.roots += 1;
            sum.aliases += part.key === part.name ? 0 : 1;
            sum.rows += isList(part) ? times * part.rows : 0;
            sum.bytes += times * (BYTES[`${part.type.name}.${part.name}`] ?? OTHER_BYTES);
        }
    }
    return sum;
}

const isList = ({ type, name }) => type.getFields()[name]?.args.some((argument) => argument.name === 'first');

export function withinLimits(size, text) {
    return Object.entries(LIMITS).every(([name, limit]) => size[name] <= limit) && text.length < 30_000;
}
