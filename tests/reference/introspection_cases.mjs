// Turns the requests of tests/introspection/cases.txt into what graphql-js answers over schema.graphql beside it, a line of
// JSON each: answers.jsonl. `--check` only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { graphqlSync } from 'graphql';
import { inTests, schemaOf } from './judge.mjs';

const schema = schemaOf('introspection/schema.graphql');
const answers = inTests('introspection/answers.jsonl');

/** The answer to a case: its title, its variables if it has any, and its request. */
function answer(part) {
    const [title, ...lines] = part.trimEnd().split('\n');
    const given = lines[0].startsWith('variables: ') ? lines.shift().slice('variables: '.length) : '{}';
    const [query, variables] = [lines.join('\n'), JSON.parse(given)];
    const { data, errors } = graphqlSync({ schema, source: query, variableValues: variables, rootValue: {} });
    if (errors !== undefined) {
        throw new Error(`${title}: ${errors.join(' ')}`);
    }
    return JSON.stringify({ title: title.slice('=== '.length), query, variables, data });
}

const cases = readFileSync(inTests('introspection/cases.txt'), 'utf8').split(/^(?==== )/m);
const found = cases.map((part) => `${answer(part)}\n`).join('');
if (!process.argv.includes('--check')) {
    writeFileSync(answers, found);
} else if (readFileSync(answers, 'utf8') !== found) {
    console.log('answers.jsonl is not what graphql-js answers');
    process.exitCode = 1;
}
