// What the tests share: where the gateway is, the tokens of two tenants, plain requests, a line that can be cut, and results
// that can be awaited.
import { createServer, connect } from 'node:net';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import assert from 'node:assert/strict';

export const base = required('GATEWAY_URL');
export const tokens = { demo: required('TOKEN_DEMO'), another: required('TOKEN_ANOTHER') };
// No answer takes longer on the slowest machine, unless it never comes.
export const PATIENCE = 60_000;

export const COMMENTS = `subscription ($post: ID!) {
  commentCreated(postId: $post) { id content author { name } createdAt } }`;

function required(name) {
  if (!process.env[name]) throw new Error(`${name} is not set: scripts/test-peers starts a gateway and says where it is`);
  return process.env[name];
}

export const authorization = (tenant) => ({ Authorization: `Bearer ${tokens[tenant]}` });

/** The data that a tenant's editor is answered. */
export async function ask(tenant, query, variables) {
  const response = await fetch(`${base}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization(tenant) },
    body: JSON.stringify({ query, variables }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  const answer = await response.json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  return answer.data;
}

/** The id of a new post. */
export async function newPost(tenant, title = 'A post') {
  const create = `mutation ($title: String!) { createPost(title: $title, content: "…", published: true) { id } }`;
  return (await ask(tenant, create, { title })).createPost.id;
}

export async function comment(tenant, post, content) {
  const create = `mutation ($post: ID!, $content: String!) { createComment(postId: $post, content: $content) { id } }`;
  return (await ask(tenant, create, { post, content })).createComment.id;
}

/** A deadline for what must happen at some time. */
export async function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${PATIENCE / 1000} s: ${what}`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** A sink of results, as the clients of subscriptions take one. */
export class Inbox {
  #results = [];
  #waiting = [];
  ended = resolvers();

  constructor() {
    this.ended.promise.catch(() => {}); // whoever cares awaits it
  }

  sink = {
    next: (result) => {
      this.#results.push(result);
      for (const wake of this.#waiting.splice(0)) wake();
    },
    error: (reason) => this.ended.reject(reason),
    complete: () => this.ended.resolve(),
  };

  get size() {
    return this.#results.length;
  }

  /** The next result; that the subscription ends first is an error. */
  async next() {
    const end = this.ended.promise.then(() => assert.fail('the subscription was completed'));
    end.catch(() => {}); // which is no fault when there are results
    while (!this.#results.length) {
      await within(Promise.race([new Promise((wake) => this.#waiting.push(wake)), end]), 'a result');
    }
    return this.#results.shift();
  }

  /** What the next comment says. */
  async content() {
    const result = await this.next();
    assert.equal(result.errors, undefined, JSON.stringify(result));
    return result.data.commentCreated.content;
  }

  /** Comments on the post until one arrives, as no client is told that its subscription has begun; reads them all. */
  async begun(tenant, post) {
    while (!this.size) {
      await comment(tenant, post, 'Has it begun?');
      await Promise.race([new Promise((wake) => this.#waiting.push(wake)), pause(200), this.ended.promise]);
    }
    const mark = randomUUID();
    await comment(tenant, post, mark);
    while ((await this.content()) !== mark);
  }
}

function resolvers() {
  const found = {};
  found.promise = new Promise((resolve, reject) => Object.assign(found, { resolve, reject }));
  return found;
}

export const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A line to the gateway that can be cut, and stays dead until it is mended. */
export async function line() {
  const open = new Set();
  let dead = false;
  const server = createServer((near) => {
    if (dead) return near.destroy();
    const far = connect(new URL(base).port, new URL(base).hostname);
    for (const [from, to] of [[near, far], [far, near]]) {
      open.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => { open.delete(from); to.destroy(); });
      from.pipe(to);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => { dead = true; for (const socket of open) socket.destroy(); };
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    cut,
    mend: () => { dead = false; },
    close: () => { cut(); server.close(); },
  };
}
