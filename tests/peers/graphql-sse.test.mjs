// The clients graphql-sse and eventsource: server-sent events.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { EventSource } from 'eventsource';
import { authorization, base, comment, COMMENTS, Inbox, line, newPost, pause, within } from './gateway.mjs';

function client(t, { at = base, tenant = 'demo', ...options } = {}) {
  const made = createClient({ url: `${at}/graphql/stream`, headers: authorization(tenant), retryAttempts: 0, ...options });
  t.after(() => made.dispose());
  return made;
}

test('a query and a mutation are answered once, and completed', async (t) => {
  const post = await newPost('demo');
  for (const [query, expected] of [
    ['query ($post: ID!) { post(id: $post) { title } }', { post: { title: 'A post' } }],
    ['mutation ($post: ID!) { createComment(postId: $post, content: "!") { content } }', { createComment: { content: '!' } }],
  ]) {
    const inbox = new Inbox();
    client(t).subscribe({ query, variables: { post } }, inbox.sink);
    assert.deepEqual((await inbox.next()).data, expected);
    await within(inbox.ended.promise, 'completion');
    assert.equal(inbox.size, 0);
  }
});

test('comments arrive in their order, once, and only those on the post', async (t) => {
  const inbox = new Inbox();
  const [post, foreign] = [await newPost('demo'), await newPost('another')];
  client(t).subscribe({ query: COMMENTS, variables: { post } }, inbox.sink);
  await inbox.begun('demo', post);
  await comment('demo', post, 'one');
  await comment('another', foreign, 'of another tenant');
  await comment('demo', post, 'two');
  assert.deepEqual([await inbox.content(), await inbox.content()], ['one', 'two']);
});

test('a client that stops is done', async (t) => {
  const inbox = new Inbox();
  const post = await newPost('demo');
  const stop = client(t).subscribe({ query: COMMENTS, variables: { post } }, inbox.sink);
  await inbox.begun('demo', post);
  stop();
  await within(inbox.ended.promise, 'the end');
});

test('a client whose line was cut comes again', async (t) => {
  const inbox = new Inbox();
  const post = await newPost('demo');
  const to = await line();
  t.after(to.close);
  client(t, { at: to.url, retryAttempts: 1000, retry: () => pause(50) }).subscribe(
    { query: COMMENTS, variables: { post } }, inbox.sink);
  await inbox.begun('demo', post);
  to.cut();
  to.mend();
  await inbox.begun('demo', post);
});

test('a browser’s EventSource comes again by itself, has missed nothing and sees nothing twice', async (t) => {
  const inbox = new Inbox();
  const post = await newPost('demo');
  const to = await line();
  t.after(to.close);
  const asked = new URLSearchParams({ query: COMMENTS, variables: JSON.stringify({ post }) });
  const source = new EventSource(`${to.url}/graphql/stream?${asked}`, {
    fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...authorization('demo') } }),
  });
  t.after(() => source.close());
  source.addEventListener('next', ({ data }) => inbox.sink.next(JSON.parse(data)));
  await inbox.begun('demo', post);
  to.cut();
  for (let n = 0; n < 5; n++) await comment('demo', post, `${n}`);
  to.mend();
  for (let n = 0; n < 5; n++) assert.equal(await inbox.content(), `${n}`);
});

test('who has a token that is none is told so', async (t) => {
  const post = await newPost('demo');
  const inbox = new Inbox();
  client(t, { headers: { Authorization: 'Bearer nonsense' } }).subscribe(
    { query: COMMENTS, variables: { post } }, inbox.sink);
  // A refusal is the only result of a stream, or the status of the response.
  const refused = inbox.next().then((result) => assert.equal(result.errors[0].extensions.code, 'UNAUTHENTICATED'));
  await Promise.any([refused, assert.rejects(inbox.ended.promise, ({ response }) => response?.status === 401)]);
});
