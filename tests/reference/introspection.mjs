// Turns the answer to an introspection query into the SDL that it tells of, or into a verdict: is it graphql-js' own answer?
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildClientSchema, buildSchema, graphqlSync, printSchema } from 'graphql';
import { introspectionQuery } from './judge.mjs';

/** The data of an answer, `{"data": …}`, from a file or from stdin. */
function dataOf(path) {
    const answer = JSON.parse(readFileSync(path ?? 0, 'utf8'));
    if (answer.errors || !answer.data) {
        throw new Error(`not an answer with data alone: ${JSON.stringify(answer).slice(0, 1000)}`);
    }
    return answer.data;
}

/** Where two values of JSON first differ, the order of keys included; nothing if they do not. */
function difference(wanted, found, path = 'data') {
    if (wanted === null || found === null || typeof wanted !== 'object' || typeof found !== 'object') {
        const [one, other] = [wanted, found].map((value) => String(JSON.stringify(value)));
        return one === other ? undefined : `${path}:\n- ${one.slice(0, 200)}\n+ ${other.slice(0, 200)}`;
    }
    const [keys, others] = [wanted, found].map((value) => JSON.stringify(Object.keys(value)));
    if (Array.isArray(wanted) !== Array.isArray(found) || (keys !== others && !Array.isArray(wanted))) {
        return `${path}:\n- ${keys}\n+ ${others}`;
    }
    for (const key of Object.keys({ ...wanted, ...found })) {
        const name = wanted[key]?.name ?? found[key]?.name;
        const below = difference(wanted[key], found[key], `${path}.${key}${name ? ` (${name})` : ''}`);
        if (below !== undefined) {
            return below;
        }
    }
    return undefined;
}

function main({ values, positionals }) {
    if (values.query) {
        process.stdout.write(introspectionQuery);
        return 0;
    }
    const data = dataOf(positionals[0]);
    if (values.sdl === undefined) {
        process.stdout.write(`${printSchema(buildClientSchema(data))}\n`);
        return 0;
    }
    const schema = buildSchema(readFileSync(values.sdl, 'utf8'));
    const wanted = JSON.parse(JSON.stringify(graphqlSync({ schema, source: introspectionQuery }).data));
    const differing = difference(wanted, data);
    console.log(differing ?? `as graphql-js answers it: ${data.__schema.types.length} types`);
    return differing === undefined ? 0 : 1;
}

const options = { query: { type: 'boolean' }, sdl: { type: 'string' } };
process.exitCode = main(parseArgs({ options, allowPositionals: true }));
