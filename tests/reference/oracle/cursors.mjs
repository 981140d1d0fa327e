// Turns the server's own answers into a table of its cursors, which are opaque to the reference: one for each row of
// each list. With it the reference gives the same cursors, and an operation can go on from one.

const PAGE = '{ totalCount edges { cursor node { id } } }';
// 90 posts with 90 comments each are within the limit of 10 000 rows.
const TENANT_LISTS = {
    'Query.posts': [`{ posts(first: 100) ${PAGE} }`, (data) => [data.posts]],
    'Query.deletedPosts': [`{ deletedPosts(first: 100) ${PAGE} }`, (data) => [data.deletedPosts]],
    'Query.users': [`{ users(first: 100) ${PAGE} }`, (data) => [data.users]],
    'Query.auditLogs': [`{ auditLogs(first: 100) ${PAGE} }`, (data) => [data.auditLogs]],
    'User.posts': [
        `{ users(first: 90) { nodes { posts(first: 90) ${PAGE} } } }`,
        (data) => data.users.nodes.map((user) => user.posts),
    ],
    'Post.comments': [
        `{ posts(first: 90) { nodes { comments(first: 90) ${PAGE} } } }`,
        (data) => data.posts.nodes.map((post) => post.comments),
    ],
    // The list is a post's, whether it is in the trash or not.
    'Post.comments in the trash': [
        `{ deletedPosts(first: 90) { nodes { comments(first: 90) ${PAGE} } } }`,
        (data) => data.deletedPosts.nodes.map((post) => post.comments),
    ],
};

/** The requests whose answers have all cursors, each with its list and where the pages are in the answer's data. */
function requests(data, admins, operator) {
    const found = [
        {
            list: 'Query.tenants',
            caller: operator,
            query: `{ tenants(first: 100) ${PAGE} }`,
            pages: (it) => [it.tenants],
        },
    ];
    for (const caller of admins) {
        for (const [list, [query, pages]] of Object.entries(TENANT_LISTS)) {
            found.push({ list: list.split(' ')[0], caller, query, pages });
        }
        for (const post of data.posts.filter((row) => row.fk_tenant === caller.tenant.pk_tenant)) {
            const query = `{ comments(postId: "${post.id}", first: 100) ${PAGE} }`;
            found.push({ list: 'Query.comments', caller, query, pages: (it) => [it.comments] });
        }
    }
    return found;
}

export class Cursors {
    constructor() {
        this.lists = new Map();
    }

    /**
     * Asks for all lists in full; `ask` gives the texts of the answers to requests. What is known already must be
     * answered again, whatever has happened to other rows; rows that are gone keep their cursors.
     */
    collect(data, admins, operator, ask) {
        const rows = new Map(
            Object.values(data)
                .flat()
                .map((row) => [row.id, row]),
        );
        const asked = requests(data, admins, operator);
        const answers = ask(asked);
        asked.forEach(({ list, query, pages }, i) => {
            const answer = JSON.parse(answers[i]);
            if (answer.errors) throw new Error(`${query}: ${answers[i]}`);
            for (const { totalCount, edges } of pages(answer.data)) {
                if (totalCount !== edges.length) throw new Error(`${list} is longer than the page that is asked for`);
                for (const { cursor, node } of edges) this.add(list, cursor, rows.get(node.id));
                this.lists.get(list)?.pages.push(edges.map(({ cursor }) => cursor));
            }
        });
        for (const { pages } of this.lists.values()) pages.sort((left, right) => right.length - left.length);
    }

    add(list, cursor, row) {
        if (!this.lists.has(list)) this.lists.set(list, { cursors: new Map(), rows: new Map(), pages: [] });
        const { cursors, rows } = this.lists.get(list);
        const known = [rows.get(cursor)?.id ?? row.id, cursors.get(row.id) ?? cursor];
        if (known[0] !== row.id || known[1] !== cursor)
            throw new Error(`${list}: two rows of one cursor, or two cursors of ${row.id}`);
        cursors.set(row.id, cursor);
        rows.set(cursor, row);
    }

    of(list, row) {
        const cursor = this.lists.get(list)?.cursors.get(row.id);
        if (!cursor) throw new Error(`the server has no cursor of ${list} for ${row.__typename} ${row.id}`);
        return cursor;
    }

    row(list, cursor) {
        const row = this.lists.get(list)?.rows.get(cursor);
        if (!row) throw new Error(`${cursor} is no cursor of ${list}`);
        return row;
    }

    /** Mostly of the longest pages, where there is something before and behind it, and often one of an end. */
    any(chance, list) {
        const { rows, pages } = this.lists.get(list);
        if (chance.odds(0.3)) return chance.one([...rows.keys()]);
        const page = chance.one(pages.slice(0, 4));
        return chance.odds(0.5) ? chance.one([page[0], page[page.length - 1]]) : chance.one(page);
    }
}
