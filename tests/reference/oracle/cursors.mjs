// Turns the server's own answers into a table of its cursors, which are opaque to the reference: one for each row of
// each list. With it the reference gives the same cursors, and an operation can go on from one.

const PAGE = '{ totalCount edges { cursor node { id } } }';
// 90 posts with 90 comments each are within the limit of 10 000 rows.
const TENANT_LISTS = {
  'Query.posts': [`{ posts(first: 100) ${PAGE} }`, (data) => [data.posts]],
  'Query.deletedPosts': [`{ deletedPosts(first: 100) ${PAGE} }`, (data) => [data.deletedPosts]],
  'Query.users': [`{ users(first: 100) ${PAGE} }`, (data) => [data.users]],
  'User.posts': [`{ users(first: 90) { nodes { posts(first: 90) ${PAGE} } } }`, (data) => data.users.nodes.map((user) => user.posts)],
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
  const found = [{ list: 'Query.tenants', caller: operator, query: `{ tenants(first: 100) ${PAGE} }`, pages: (it) => [it.tenants] }];
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
  /** Asks for all lists in full; `ask` gives the texts of the answers to requests. */
  constructor(data, admins, operator, ask) {
    this.lists = new Map();
    const rows = new Map(Object.values(data).flat().map((row) => [row.id, row]));
    const asked = requests(data, admins, operator);
    const answers = ask(asked);
    asked.forEach(({ list, query, pages }, i) => {
      const answer = JSON.parse(answers[i]);
      if (answer.errors) throw new Error(`${query}: ${answers[i]}`);
      for (const page of pages(answer.data)) {
        if (page.totalCount !== page.edges.length) throw new Error(`${list} is longer than the page that is asked for`);
        for (const { cursor, node } of page.edges) this.add(list, cursor, rows.get(node.id));
      }
    });
  }

  add(list, cursor, row) {
    if (!this.lists.has(list)) this.lists.set(list, { cursors: new Map(), rows: new Map() });
    const { cursors, rows } = this.lists.get(list);
    if (rows.has(cursor) || cursors.has(row)) throw new Error(`${list} has two rows of one cursor, or the same row twice`);
    cursors.set(row, cursor);
    rows.set(cursor, row);
  }

  of(list, row) {
    const cursor = this.lists.get(list)?.cursors.get(row);
    if (!cursor) throw new Error(`the server has no cursor of ${list} for ${row.__typename} ${row.id}`);
    return cursor;
  }

  row(list, cursor) {
    const row = this.lists.get(list)?.rows.get(cursor);
    if (!row) throw new Error(`${cursor} is no cursor of ${list}`);
    return row;
  }

  any(chance, list) {
    return chance.one([...this.lists.get(list).rows.keys()]);
  }
}
