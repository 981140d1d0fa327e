// Turns a database of the end-to-end tests' fixtures and more into a verdict: whether `graphql.execute` answers as
// graphql-js does over naive resolvers, byte for byte. `node run.mjs [--count N] [--seed N] [--keep]`.

import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObjectType } from 'graphql';
import { Cursors } from './cursors.mjs';
import { busiest, psql, quoted, readTables } from './data.mjs';
import { makeOperation } from './operations.mjs';
import { answer, isKnown, mayAsk } from './resolvers.mjs';
import { readSchema } from './schema.mjs';
import { Chance, given } from './values.mjs';

const FIXTURES = ['../../e2e/blog.sql', 'rows.sql'];
const CHANGES = 'changes.sql';
// Fields that no naive resolver knows yet, as `Type.field`, each with the reason.
const NOT_COMPARED = [
    // PostgreSQL alone knows how words are cut and ranked; tests/e2e has its own searches.
    'Query.searchPosts',
    ...['id', 'title', 'highlight', 'rank', 'post'].map((field) => `PostSearchResult.${field}`),
    // It depends on the day, and on what was cached.
    'Query.popularPosts',
];
const SHOWN = 5;
const LARGEST_ANSWER = 8e6;
// So many operations have every field and argument.
const ENOUGH = 600;

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
        { tenant, user: 'admin', scopes: ['read:audit', 'read:comments'] },
    ]),
    { operator: true },
    { operator: true, scopes: ['read:tenants'] },
];

function options() {
    const found = { count: 1000, seed: 1, keep: false };
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
            return {
                name: 'operator',
                role: 'operator',
                tenant: null,
                user: null,
                scopes,
                claims: { role: 'operator', ...times, ...claim },
            };
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
    return callers.map((caller, i) => ({
        ...caller,
        token: tokens[i],
        busiest: caller.tenant && busiest(data, caller.tenant),
    }));
}

/** The texts of the answers to requests, all of one session with the rights of a proxy. An answer is one line. */
function ask(database, requests) {
    const calls = requests.map(({ query, variables, caller, operationName }) => {
        const json = variables === undefined ? 'NULL' : quoted(JSON.stringify(variables));
        return `SELECT graphql.execute(${quoted(query)}, ${json}, ${quoted(caller.token)}, ${quoted(operationName)});`;
    });
    const lines = psql(database, ['SET ROLE saas_blog_api;', ...calls].join('\n'))
        .split('\n')
        .slice(0, -1);
    if (lines.length !== requests.length)
        throw new Error(`${requests.length} requests have ${lines.length} lines of answers`);
    return lines;
}

/** The types whose fields queries reach. */
function comparedTypes(schema) {
    const others = [schema.getMutationType(), schema.getSubscriptionType()];
    return Object.values(schema.getTypeMap()).filter(
        (type) => isObjectType(type) && !type.name.startsWith('__') && !others.includes(type),
    );
}

/** The fields of the schema that the reference cannot answer: a field that is added needs a resolver. */
function unknownFields(schema) {
    return comparedTypes(schema)
        .flatMap((type) =>
            Object.keys(type.getFields())
                .filter((field) => !isKnown(type.name, field))
                .map((field) => `${type.name}.${field}`),
        )
        .filter((coordinate) => !NOT_COMPARED.includes(coordinate));
}

/** The requests to compare: each operation asked twice, with other values and by another caller who may. */
function makeRequests(world, { count, seed }) {
    const chance = new Chance(seed);
    const requests = [];
    for (let number = 0; number < count; number += 1) {
        const first = chance.one(world.callers);
        const operation = makeOperation(world, chance, first);
        const coordinates = [...operation.coordinates];
        const others = world.callers.filter(
            (caller) =>
                coordinates.every((coordinate) => mayAsk(caller, coordinate)) &&
                (caller.tenant === first.tenant || !operation.coordinates.has('its own tenant')),
        );
        for (const caller of [first, chance.one(others)]) {
            const { text: query, document, operationName } = operation;
            requests.push({
                number,
                query,
                document,
                operationName,
                coordinates,
                caller,
                variables: given(operation.variables, chance),
            });
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

/** Prints the first differences and writes all to a file; how many there are. */
function report(requests, answers, { seed }) {
    const differing = requests
        .map((request, i) => ({ ...request, answered: answers[i] }))
        .filter((it) => it.expected !== it.answered);
    for (const { number, query, variables, operationName, caller, expected, answered } of differing.slice(0, SHOWN)) {
        const who = `${caller.name}${caller.scopes ? ` with scopes [${caller.scopes}]` : ''}`;
        const what = `Operation ${number} of seed ${seed}${operationName ? `, ${operationName}` : ''}, as ${who}`;
        console.log(`\n${what}: they differ ${parting(expected, answered)}`);
        console.log(`${query}\n${JSON.stringify(variables) ?? 'no variables'}`);
    }
    if (differing.length) {
        const file = join(tmpdir(), `saas_blog_oracle_${process.pid}.json`);
        const all = differing.map((it) => ({ ...it, document: undefined, caller: it.caller.name }));
        writeFileSync(file, JSON.stringify(all, null, 1));
        console.log(`\nAll that differ are in ${file}`);
    }
    return differing.length;
}

/** What the answers had in them: a comparison of empty answers would prove nothing. */
function summary(requests) {
    const bytes = requests.reduce((sum, { expected }) => sum + Buffer.byteLength(expected), 0);
    const full = requests.filter(({ expected }) => expected.length > 100).length;
    const roles = new Set(requests.map(({ caller }) => caller.role)).size;
    const operations = new Set(requests.map(({ query }) => query)).size;
    return (
        `${requests.length} requests of ${operations} operations by ${roles} roles; ` +
        `${full} answers of more than 100 characters, ${bytes} bytes in all`
    );
}

/** Fields and arguments that no request has: then there are too few of them, or nothing makes any. */
function missing(schema, requests) {
    const asked = new Set(requests.flatMap(({ coordinates }) => [...coordinates]));
    const wanted = comparedTypes(schema).flatMap((type) =>
        Object.values(type.getFields()).flatMap((field) => [
            `${type.name}.${field.name}`,
            ...field.args.map((argument) => `${type.name}.${field.name}(${argument.name}:)`),
        ]),
    );
    return wanted.filter((coordinate) => !asked.has(coordinate) && !NOT_COMPARED.includes(coordinate.split('(')[0]));
}

const run = (database, file) => psql(database, readFileSync(new URL(file, import.meta.url), 'utf8'));

/** The schema, the rows and their cursors, and who asks. */
function prepare(database) {
    FIXTURES.forEach((file) => run(database, file));
    const schema = readSchema(database);
    const cursors = new Cursors();
    const collect = () => {
        const data = readTables(database);
        const callers = signedIn(database, data);
        const admins = callers.filter(({ role, scopes }) => role === 'admin' && !scopes);
        cursors.collect(
            data,
            admins,
            callers.find(({ role }) => role === 'operator'),
            (requests) => ask(database, requests),
        );
        return { data, callers };
    };
    collect();
    run(database, CHANGES);
    const setting = "SELECT graphql.schema() <> '', current_setting('saas_blog.introspection', true);";
    return { schema, cursors, ...collect(), introspection: psql(database, setting).trim() === 't|on' };
}

/** The requests with the answers that are expected. */
function expectations(world, wanted) {
    const made = makeRequests(world, wanted).map((request) => {
        const text = answer(world.schema, request.document, request, { ...world, caller: request.caller });
        if (!text.startsWith('{"data":'))
            throw new Error(`the reference itself fails: ${text.slice(0, 1000)}\n${request.query}`);
        return { ...request, expected: text };
    });
    return made.filter(({ expected }) => expected.length <= LARGEST_ANSWER);
}

function compare(database, wanted) {
    const world = prepare(database);
    const unknown = unknownFields(world.schema);
    if (unknown.length) throw new Error(`the oracle has no resolver for ${unknown.join(', ')}`);
    const requests = expectations(world, wanted);
    const unasked = missing(world.schema, requests);
    if (unasked.length && wanted.count >= ENOUGH) throw new Error(`no request has ${unasked.join(', ')}`);
    const introspection = world.introspection ? 'introspection among them' : 'no introspection on this server';
    console.log(`Seed ${wanted.seed}: ${summary(requests)}; ${introspection}`);
    // Backwards in a second session: an answer must not depend on what the session has kept.
    const backwards = [...requests].reverse();
    const differing = [requests, backwards].map((list) => report(list, ask(database, list), wanted));
    console.log(
        differing.some(Boolean) ? `${differing} differ, forwards and backwards` : 'All are equal, byte for byte',
    );
    return !differing.some(Boolean);
}

function main() {
    const wanted = options();
    const database = `oracle_${process.pid}`;
    psql('postgres', `CREATE DATABASE ${database};`);
    try {
        process.exitCode = compare(database, wanted) ? 0 : 1;
    } finally {
        if (!wanted.keep) psql('postgres', `DROP DATABASE ${database} WITH (FORCE);`);
    }
}

main();
