// Apollo Client: query, mutation, paging, subscription.
import test from 'node:test';
import assert from 'node:assert/strict';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client/core';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { filter, firstValueFrom } from 'rxjs';
import WebSocket from 'ws';
import { authorization, base, comment, Inbox, newPost } from './gateway.mjs';

function apollo(t, tenant) {
  const socket = createClient({
    url: `${base.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket, connectionParams: authorization(tenant),
  });
  const live = ({ operationType }) => operationType === 'subscription';
  const http = new HttpLink({ uri: `${base}/graphql`, headers: authorization(tenant) });
  const client = new ApolloClient({
    link: ApolloLink.split(live, new GraphQLWsLink(socket), http),
    cache: new InMemoryCache({ typePolicies: { Query: { fields: { comments: relayStylePagination(['postId']) } } } }),
  });
  t.after(() => { client.stop(); return socket.dispose(); });
  return client;
}

const PAGE = gql`query ($post: ID!, $after: String) {
  comments(postId: $post, first: 2, after: $after) { edges { cursor node { id content } } pageInfo { hasNextPage endCursor } } }`;

test('a mutation changes what a query has cached', async (t) => {
  const client = apollo(t, 'demo');
  const id = await newPost('demo', 'Before');
  const read = { query: gql`query ($id: ID!) { post(id: $id) { id title author { id name } } }`, variables: { id } };
  assert.equal((await client.query(read)).data.post.title, 'Before');
  await client.mutate({
    mutation: gql`mutation ($id: ID!) { updatePost(id: $id, title: "After") { id title } }`, variables: { id },
  });
  assert.equal(client.readQuery(read).post.title, 'After');
});

test('pages follow each other without a gap', async (t) => {
  const client = apollo(t, 'demo');
  const post = await newPost('demo');
  const made = [];
  for (let n = 0; n < 5; n++) made.push(await comment('demo', post, `${n}`));
  const pages = client.watchQuery({ query: PAGE, variables: { post } });
  const shown = () => client.readQuery({ query: PAGE, variables: { post } }).comments;
  await firstValueFrom(pages.pipe(filter(({ dataState }) => dataState === 'complete')));
  for (const seen of [2, 4]) {
    assert.deepEqual([shown().edges.length, shown().pageInfo.hasNextPage], [seen, true]);
    await pages.fetchMore({ variables: { after: shown().pageInfo.endCursor } });
  }
  assert.deepEqual(shown().edges.map(({ node }) => node.id), made);
  assert.ok(!shown().pageInfo.hasNextPage);
});

test('an error has its code', async (t) => {
  const client = apollo(t, 'demo');
  const answer = await client.mutate({ mutation: gql`mutation { deletePost(id: "none") { id } }`, errorPolicy: 'all' });
  assert.equal(answer.error.errors[0].extensions.code, 'NOT_FOUND');
});

test('a subscription tells of a comment', async (t) => {
  const post = await newPost('demo');
  const inbox = new Inbox();
  const running = apollo(t, 'demo').subscribe({
    query: gql`subscription ($post: ID!) { commentCreated(postId: $post) { id content author { id name } } }`,
    variables: { post },
  }).subscribe(inbox.sink);
  t.after(() => running.unsubscribe());
  await inbox.begun('demo', post);
  await comment('demo', post, 'heard');
  assert.equal(await inbox.content(), 'heard');
});
