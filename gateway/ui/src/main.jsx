// Turns the page into GraphiQL for the URL that the page came from, with a field for the token.
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createClient } from 'graphql-ws';

const POSTS = `# The posts of the token's tenant.
query Posts {
  posts(first: 20) {
    edges {
      node {
        id
        title
        author { name }
        comments(first: 5) {
          edges { node { content author { name } } }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
`;
const COMMENTS = `# Each new comment on that post, until stopped.
subscription Comments($post: ID!) {
  commentCreated(postId: $post) {
    id
    content
    author { name }
    createdAt
  }
}
`;
const TABS = [{ query: POSTS }, { query: COMMENTS, variables: '{ "post": "the id of a post" }' }];

// For this tab of the browser alone, and until it is closed.
const KEPT = 'saas_blog:token';
const token = () => sessionStorage.getItem(KEPT) ?? '';
const authorization = () => (token() ? { Authorization: `Bearer ${token()}` } : {});

// The page is the endpoint's answer to a browser, so wherever a proxy has put it, the endpoint is there.
const endpoint = location.origin + location.pathname;

globalThis.MonacoEnvironment = {
  getWorker(_, label) {
    const name = ['json', 'graphql'].includes(label) ? label : 'editor';
    return new Worker(new URL(`${name}.worker.js`, import.meta.url));
  },
};

const socket = createClient({
  url: endpoint.replace(/^http/, 'ws'),
  connectionParams: authorization,
  keepAlive: 30_000,
  retryAttempts: Infinity,
  // A gateway that cannot be reached is no reason to give up. What the protocol calls fatal is never tried again.
  shouldRetry: () => true,
});

// The client sends the same payload again when it has connected again: with the last cursor in it, nothing is missed.
const resuming = {
  ...socket,
  subscribe(payload, sink) {
    const resumable = { ...payload };
    const next = (result) => {
      const cursor = result.extensions?.cursor;
      if (cursor) resumable.extensions = { ...resumable.extensions, cursor };
      sink.next(result);
    };
    return socket.subscribe(resumable, { ...sink, next });
  },
};

const fetcher = createGraphiQLFetcher({
  url: endpoint,
  fetch: (url, init) => fetch(url, { ...init, headers: { ...authorization(), ...init.headers } }),
  // The schema is public: it can be read while the token is missing, mistyped or expired.
  schemaFetcher: createGraphiQLFetcher({ url: endpoint }),
  wsClient: resuming,
  enableIncrementalDelivery: false,
});

/** What a token says of itself; it is the database that verifies it. */
function about(text) {
  if (!text) return '';
  try {
    const claims = JSON.parse(atob(text.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
    const until = new Date(claims.exp * 1000);
    return `${claims.role}, ${until < new Date() ? 'expired' : 'until'} ${until.toLocaleString()}`;
  } catch {
    return 'this is no token';
  }
}

function Token() {
  const [text, setText] = useState(token);
  const change = ({ target }) => {
    setText(target.value);
    sessionStorage.setItem(KEPT, target.value.trim().replace(/^Bearer\s+/i, ''));
  };
  return (
    <label className="token">
      Token
      <input value={text} onChange={change} placeholder="eyJ…" autoComplete="off" spellCheck={false} />
      <output>{about(token())}</output>
    </label>
  );
}

createRoot(document.getElementById('page')).render(
  <>
    <Token />
    <GraphiQL fetcher={fetcher} defaultTabs={TABS} defaultEditorToolsVisibility="variables">
      <GraphiQL.Logo>saas_blog</GraphiQL.Logo>
    </GraphiQL>
  </>,
);
