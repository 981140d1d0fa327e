// Turns tests/operations/coercion.txt into what graphql-js coerces its variables to: checks that the table says so, or
// with --bless writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSchema, getVariableValues, parse } from 'graphql';

const inTests = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const read = (path) => readFileSync(inTests(path), 'utf8');

const TABLE = 'operations/coercion.txt';
const schema = buildSchema(read('fixtures/validation.graphql') + read('operations/coercion.graphql'));

/** Objects with their keys in order, as PostgreSQL's jsonb does not keep the client's. */
const sorted = (_, value) =>
    value && typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
        : value;

/** The lines that say what becomes of the variables. */
function told(document, variables, hideSuggestions) {
    const { variableDefinitions } = parse(document).definitions[0];
    const given = JSON.parse(variables, sorted);
    const { coerced, errors } = getVariableValues(schema, variableDefinitions, given, {
        maxErrors: 100,
        hideSuggestions,
    });
    if (!errors) {
        return [`< ${JSON.stringify(coerced)}`];
    }
    return errors.map(({ locations, message }) => {
        const places = (locations ?? []).map(({ line, column }) => `${line}:${column}`);
        return `! ${places.join(', ')}: ${message}`;
    });
}

/** The table with what graphql-js says. */
function judged(table) {
    let document = [];
    let hidden = false;
    return table.split('\n').flatMap((line) => {
        if (line.startsWith('=== ')) {
            document = [];
            hidden = line.endsWith('without suggestions');
        } else if (line.startsWith('> ')) {
            return [line, ...told(document.join('\n'), line.slice(2), hidden)];
        } else if (/^[<!] /.test(line)) {
            return [];
        } else {
            document.push(line);
        }
        return [line];
    });
}

const table = read(TABLE);
const wanted = judged(table).join('\n');
const cases = wanted.split('\n').filter((line) => line.startsWith('> ')).length;
if (process.argv.includes('--bless')) {
    writeFileSync(inTests(TABLE), wanted);
} else if (table !== wanted) {
    const lines = table.split('\n');
    const at = wanted.split('\n').findIndex((line, index) => line !== lines[index]);
    console.error(`${TABLE}:${at + 1}: graphql-js says\n${wanted.split('\n')[at]}\nand the table\n${lines[at]}`);
    process.exit(1);
}
console.log(`${TABLE}: ${cases} cases`);
