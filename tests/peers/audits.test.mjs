// The audits of graphql-http: what the specification of GraphQL over HTTP asks of a server.
import test from 'node:test';
import assert from 'node:assert/strict';
import { serverAudits } from 'graphql-http';
import { base } from './gateway.mjs';

const audits = serverAudits({ url: `${base}/graphql` });

test('there are audits', () => assert.ok(audits.length > 50, `${audits.length}`));

for (const audit of audits) {
  test(audit.name, async () => {
    const result = await audit.fn();
    // What is only a warning is a SHOULD. What a server MAY do is its own choice.
    if (!audit.name.startsWith('MAY')) assert.equal(result.status, 'ok', result.reason);
  });
}
