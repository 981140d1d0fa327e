// The client graphql-ws: WebSocket.
import test from 'node:test';
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { authorization, base, comment, COMMENTS, Inbox, line, newPost, pause, within } from './gateway.mjs';

function client(t, { at = base, path = '/graphql', ...options } = {}) {
  const url = at.replace('http', 'ws') + path;
  const made = createClient({
    url, webSocketImpl: WebSocket, connectionParams: authorization('demo'), retryAttempts: 0, ...options,
  });
  t.after(() => made.dispose());
  return made;
}

for (const path of ['/graphql', '/ws']) {
  test(`a query and a mutation are answered once at ${path}`, async (t) => {
    const socket = client(t, { path });
    const post = await newPost('demo');
    for (const [query, expected] of [
      ['query ($post: ID!) { post(id: $post) { title } }', { post: { title: 'A post' } }],
      ['mutation ($post: ID!) { createComment(postId: $post, content: "!") { content } }', { createComment: { content: '!' } }],
    ]) {
      const results = [];
      for await (const result of socket.iterate({ query, variables: { post } })) results.push(result.data);
      assert.deepEqual(results, [expected]);
    }
  });
}

test('a request that is refused is an error of GraphQL', async (t) => {
  const inbox = new Inbox();
  client(t).subscribe({ query: '{ nothing }' }, inbox.sink);
  await within(assert.rejects(inbox.ended.promise, (errors) => {
    assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
    return true;
  }), 'an error');
});

test('comments arrive in their order, once, and only those on the post', async (t) => {
  const inbox = new Inbox();
  const [post, beside, foreign] = [await newPost('demo'), await newPost('demo'), await newPost('another')];
  client(t).subscribe({ query: COMMENTS, variables: { post } }, inbox.sink);
  await inbox.begun('demo', post);
  const id = await comment('demo', post, 'one');
  await comment('demo', beside, 'on another post');
  await comment('another', foreign, 'of another tenant');
  await comment('demo', post, 'two');
  const first = await inbox.next();
  assert.equal(first.data.commentCreated.id, id);
  assert.deepEqual(Object.keys(first.data.commentCreated), ['id', 'content', 'author', 'createdAt']);
  assert.equal(typeof first.extensions.cursor, 'string');
  assert.equal(await inbox.content(), 'two');
});

test('another tenant is told nothing of a post', async (t) => {
  const [theirs, ours] = [new Inbox(), new Inbox()];
  const post = await newPost('demo');
  client(t, { connectionParams: authorization('another') }).subscribe({ query: COMMENTS, variables: { post } }, theirs.sink);
  client(t).subscribe({ query: COMMENTS, variables: { post } }, ours.sink);
  await ours.begun('demo', post);
  // An event of their own, later than all of that, is the first thing that they hear.
  const own = new Inbox();
  const at = await newPost('another');
  client(t, { connectionParams: authorization('another') }).subscribe({ query: COMMENTS, variables: { post: at } }, own.sink);
  await own.begun('another', at);
  assert.equal(theirs.size, 0);
});

test('after it is completed a subscription is silent, and the socket goes on', async (t) => {
  const [stopped, going] = [new Inbox(), new Inbox()];
  const post = await newPost('demo');
  const socket = client(t);
  const stop = socket.subscribe({ query: COMMENTS, variables: { post } }, stopped.sink);
  socket.subscribe({ query: COMMENTS, variables: { post } }, going.sink);
  await Promise.all([stopped.begun('demo', post), going.begun('demo', post)]);
  // What the other's beginning has left behind.
  await comment('demo', post, 'mark');
  for (const inbox of [stopped, going]) while ((await inbox.content()) !== 'mark');
  stop();
  await within(stopped.ended.promise, 'the end');
  await comment('demo', post, 'afterwards');
  assert.equal(await going.content(), 'afterwards');
  assert.equal(stopped.size, 0);
});

test('a client that comes again with its cursor has missed nothing and sees nothing twice', async (t) => {
  const inbox = new Inbox();
  const post = await newPost('demo');
  const to = await line();
  t.after(to.close);
  const payload = { query: COMMENTS, variables: { post } };
  const next = (result) => {
    payload.extensions = { cursor: result.extensions.cursor };
    inbox.sink.next(result);
  };
  client(t, { at: to.url, retryAttempts: 1000, retryWait: () => pause(50), shouldRetry: () => true }).subscribe(payload, { ...inbox.sink, next });
  await inbox.begun('demo', post);
  for (let round = 0; round < 3; round++) {
    to.cut();
    for (let n = 0; n < 5; n++) await comment('demo', post, `${round}.${n}`);
    to.mend();
    await comment('demo', post, `${round}.5`);
    for (let n = 0; n < 6; n++) assert.equal(await inbox.content(), `${round}.${n}`);
  }
});

test('who has a token that is none is told so', async (t) => {
  const inbox = new Inbox();
  const post = await newPost('demo');
  const connectionParams = { Authorization: 'Bearer nonsense' };
  client(t, { connectionParams }).subscribe({ query: COMMENTS, variables: { post } }, inbox.sink);
  // Either the socket is closed as the protocol has it, or the subscription is refused.
  await within(assert.rejects(inbox.ended.promise, (reason) => {
    assert.ok(reason.code === 4401 || reason.code === 4403 || reason[0].extensions.code === 'UNAUTHENTICATED');
    return true;
  }), 'a refusal');
});
