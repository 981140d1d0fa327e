// Turns a database of the end-to-end tests' fixtures and more into a verdict: whether `graphql.execute` answers as
// graphql-js does over naive resolvers, byte for byte. `node run.mjs [--count N] [--seed N] [--keep]`.

import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema, isObjectType } from 'graphql';
import { Cursors } from './cursors.mjs';
import { psql, quoted, readTables } from './data.mjs';
import { makeOperation } from './operations.mjs';
import { answer, isKnown, mayAsk } from './resolvers.mjs';
import { Chance, given } from './values.mjs';

const FIXTURES = [new URL('../../e2e/blog.sql', import.meta.url), new URL('rows.sql', import.meta.url)];
// Fields that no naive resolver knows yet, as `Type.field`, each with the reason.
const NOT_COMPARED = [];
const SHOWN = 5;
const LARGEST_ANSWER = 8e6;

/** Who asks: users of two tenants in every role, tokens with scopes, and operators. */
const CALLERS = [
  ...['demo', 'another'].flatMap((tenant) => [
    { tenant, user: 'admin' },
    { tenant, user: 'editor' },
    { tenant, user: 'writer' },
    { tenant, user: 'reader' },
    { tenant, user: 'silent' },
    { tenant, user: 'writer', scopes: ['read:posts', 'read:comments'] },
    { tenant, user: 'reader', scopes: [] },
    { tenant, user: 'admin', scopes: ['read:users', 'read:posts', 'write:posts', 'else'] },
  ]),
  { operator: true },
  { operator: true, scopes: ['read:tenants'] },
];

function options() {
  const found = { count: 600, seed: 1, keep: false };
  for (let i = 2; i < process.argv.length; i += 1) {
    const name = process.argv[i].replace(/^--/, '');
    if (name === 'keep') found.keep = true;
    else if (name in found && process.argv[i + 1] >= 0) found[name] = Number(process.argv[(i += 1)]);
    else throw new Error('usage: run.mjs [--count N] [--seed N] [--keep]');
  }
  return found;
}

/** The callers with their rows and their tokens. */
function signedIn(database, data) {
  const now = Math.floor(Date.now() / 1000);
  const callers = CALLERS.map(({ tenant, user, scopes, operator }) => {
    const times = { iat: now, exp: now + 3600 };
    const claim = scopes && (scopes.length % 2 ? { scope: scopes.join(' ') } : { scopes });
    if (operator) {
      return { name: 'operator', role: 'operator', tenant: null, user: null, scopes, claims: { role: 'operator', ...times, ...claim } };
    }
    const tenantRow = data.tenants.find((row) => row.identifier === tenant);
    const userRow = data.users.find((row) => row.fk_tenant === tenantRow.pk_tenant && row.identifier === user);
    const claims = { user_id: userRow.id, tenant_id: tenantRow.id, role: userRow.role, ...times, ...claim };
    return { name: `${user} of ${tenant}`, role: userRow.role, tenant: tenantRow, user: userRow, scopes, claims };
  });
  const signed = callers.map(({ role, claims }) => {
    const key = role === 'operator' ? 'e2e-operator' : 'e2e';
    return `SELECT saas_blog.sign_jwt(${quoted(JSON.stringify(claims))}, '${key}');`;
  });
  const tokens = psql(database, signed.join('\n')).trim().split('\n');
  return callers.map((caller, i) => ({ ...caller, token: tokens[i] }));
}

/** The texts of the answers to requests, all of one session with the rights of a proxy. An answer is one line. */
function ask(database, requests) {
  const calls = requests.map(({ query, variables, caller, operationName }) => {
    const json = variables === undefined ? 'NULL' : quoted(JSON.stringify(variables));
    return `SELECT graphql.execute(${quoted(query)}, ${json}, ${quoted(caller.token)}, ${quoted(operationName)});`;
  });
  const lines = psql(database, ['SET ROLE saas_blog_api;', ...calls].join('\n')).split('\n').slice(0, -1);
  if (lines.length !== requests.length) throw new Error(`${requests.length} requests have ${lines.length} lines of answers`);
  return lines;
}

/** The fields of the schema that nobody would compare. */
function unknownFields(schema) {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type) && !type.name.startsWith('__'));
  const others = [schema.getMutationType(), schema.getSubscriptionType()];
  return types
    .filter((type) => !others.includes(type))
    .flatMap((type) => Object.keys(type.getFields()).filter((field) => !isKnown(type.name, field)).map((field) => `${type.name}.${field}`))
    .filter((coordinate) => !NOT_COMPARED.includes(coordinate));
}

/** The requests to compare: each operation asked twice, with other values and by another caller who may. */
function makeRequests(world, callers, { count, seed }) {
  const chance = new Chance(seed);
  const requests = [];
  for (let number = 0; number < count; number += 1) {
    const first = chance.one(callers);
    const operation = makeOperation(world, chance, first);
    const coordinates = [...operation.coordinates];
    const others = callers.filter(
      (caller) =>
        coordinates.every((coordinate) => mayAsk(caller, coordinate)) &&
        (caller.tenant === first.tenant || !operation.coordinates.has('its own tenant')),
    );
    for (const caller of [first, chance.one(others)]) {
      const { text: query, document, operationName } = operation;
      requests.push({ number, query, document, operationName, caller, variables: given(operation.variables, chance) });
    }
  }
  return requests;
}

/** Where two texts part, with some of what comes before and after. */
function parting(left, right) {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  const around = (text) => JSON.stringify(text.slice(Math.max(0, at - 60), at + 120));
  return `at ${at}\n  expected …${around(left)}\n  answered …${around(right)}`;
}

function report(requests, expected, answered, { seed }) {
  const differing = requests.map((_, i) => i).filter((i) => expected[i] !== answered[i]);
  for (const i of differing.slice(0, SHOWN)) {
    const { number, query, variables, operationName, caller } = requests[i];
    const who = `${caller.name}${caller.scopes ? ` with scopes [${caller.scopes}]` : ''}`;
    console.log(`\nOperation ${number} of seed ${seed}, as ${who}${operationName ? `, ${operationName}` : ''}: they differ ${parting(expected[i], answered[i])}`);
    console.log(`${query}\n${JSON.stringify(variables) ?? 'no variables'}`);
  }
  if (differing.length) {
    const file = join(tmpdir(), `saas_blog_oracle_${process.pid}.json`);
    const all = differing.map((i) => ({ ...requests[i], document: undefined, caller: requests[i].caller.name, expected: expected[i], answered: answered[i] }));
    writeFileSync(file, JSON.stringify(all, null, 1));
    console.log(`\nAll that differ are in ${file}`);
  }
  return differing.length;
}

/** What the answers had in them: a comparison of empty answers would prove nothing. */
function summary(requests, expected) {
  const bytes = expected.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const full = expected.filter((text) => text.length > 100).length;
  const roles = new Set(requests.map(({ caller }) => caller.role)).size;
  return `${requests.length} requests of ${new Set(requests.map(({ query }) => query)).size} operations by ${roles} roles, ${full} answers of more than 100 characters, ${bytes} bytes`;
}

function compare(database, wanted) {
  const data = readTables(database);
  const schema = buildSchema(psql(database, 'SELECT graphql.schema();'));
  const unknown = unknownFields(schema);
  if (unknown.length) throw new Error(`the oracle has no resolver for ${unknown.join(', ')}`);
  const callers = signedIn(database, data);
  const admins = callers.filter(({ role, scopes }) => role === 'admin' && !scopes);
  const operator = callers.find(({ role }) => role === 'operator');
  const cursors = new Cursors(data, admins, operator, (requests) => ask(database, requests));
  const introspection = psql(database, "SELECT graphql.schema() <> '', current_setting('saas_blog.introspection', true);").trim() === 't|on';
  const world = { schema, data, cursors, introspection };
  const made = makeRequests(world, callers, wanted);
  const answers = made.map((request) => answer(schema, request.document, request, { data, caller: request.caller, cursors }));
  const small = made.map((_, i) => i).filter((i) => answers[i].length <= LARGEST_ANSWER);
  const [requests, expected] = [small.map((i) => made[i]), small.map((i) => answers[i])];
  const faults = expected.filter((text) => !text.startsWith('{"data":'));
  if (faults.length) throw new Error(`the reference itself fails: ${faults[0].slice(0, 1000)}`);
  const differing = report(requests, expected, ask(database, requests), wanted);
  console.log(`Seed ${wanted.seed}: ${summary(requests, expected)}; introspection ${introspection ? 'among them' : 'is not there yet'}`);
  console.log(differing ? `${differing} differ` : 'all are equal byte for byte');
  return differing === 0;
}

function main() {
  const wanted = options();
  const database = `oracle_${process.pid}`;
  psql('postgres', `CREATE DATABASE ${database};`);
  try {
    for (const file of FIXTURES) psql(database, readFileSync(file, 'utf8'));
    process.exitCode = compare(database, wanted) ? 0 : 1;
  } finally {
    if (!wanted.keep) psql('postgres', `DROP DATABASE ${database} WITH (FORCE);`);
  }
}

main();
