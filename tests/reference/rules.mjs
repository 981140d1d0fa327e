// Turns the tables of tests/rules into a verdict: does graphql-js say exactly what they say? `--bless` writes what it says.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { inTests, judged, parsed, rules, schemaOf } from './judge.mjs';

const folder = 'rules';
const schemas = {
    validation: schemaOf('fixtures/validation.graphql'),
    extra: schemaOf(`${folder}/extra.graphql`),
};

/** A table is what stands above its first case, and its cases; README.md has the format. */
function read(text) {
    const [head, ...parts] = text.split(/^(?==== )/m);
    return { head, cases: parts.map(readCase) };
}

function readCase(part) {
    const [title, ...lines] = part.trimEnd().split('\n');
    const schema = lines[0]?.startsWith('schema: ') ? lines.shift().slice('schema: '.length) : 'validation';
    const rule = lines.indexOf('---');
    const document = rule < 0 ? lines : lines.slice(0, rule);
    const errors = rule < 0 ? [] : lines.slice(rule + 1);
    return { title: title.slice('=== '.length), schema, document: document.join('\n').trimEnd(), errors };
}

function print({ head, cases }) {
    return head + cases.map(printCase).join('\n');
}

function printCase({ title, schema, document, errors }) {
    const choice = schema === 'validation' ? [] : [`schema: ${schema}`];
    const said = errors.length === 0 ? [] : ['---', ...errors];
    return [`=== ${title}`, ...choice, document, ...said, ''].join('\n');
}

/** What graphql-js says about a case; a table may not hold what no parser lets through. */
function verdict(rule, { title, schema, document }) {
    const { document: tree, syntax } = parsed(document);
    if (syntax !== undefined) {
        throw new Error(`${rule.name}: ${title}: ${syntax}`);
    }
    if (schemas[schema] === undefined) {
        throw new Error(`${rule.name}: ${title}: no schema is called ${schema}`);
    }
    return judged(schemas[schema], tree, [rule]);
}

/** What is wrong with a table, a line each; `--bless` mends it. */
function check(name, rule, bless) {
    const path = inTests(`${folder}/${name}.txt`);
    const text = readFileSync(path, 'utf8');
    const table = read(text);
    const wrong = [];
    for (const one of table.cases) {
        const found = verdict(rule, one);
        if (found.join('\n') !== one.errors.join('\n')) {
            const lines = [...one.errors.map((line) => `    - ${line}`), ...found.map((line) => `    + ${line}`)];
            wrong.push([`${name}: ${one.title}`, ...lines].join('\n'));
        }
        one.errors = found;
    }
    const titles = table.cases.map((one) => one.title);
    wrong.push(...titles.filter((title, at) => titles.indexOf(title) < at).map((title) => `${name}: twice: ${title}`));
    if (bless) {
        writeFileSync(path, print(table));
    } else if (wrong.length === 0 && print(table) !== text) {
        wrong.push(`${name}: not laid out as --bless does it`);
    }
    return { wrong, cases: table.cases.length };
}

function main(bless) {
    const tables = readdirSync(inTests(folder)).filter((file) => file.endsWith('.txt'));
    const unknown = tables.filter((file) => !rules.has(file.slice(0, -'.txt'.length)));
    const wrong = unknown.map((file) => `${file}: graphql-js has no such rule`);
    let cases = 0;
    for (const [name, rule] of rules) {
        if (!tables.includes(`${name}.txt`)) {
            wrong.push(`${name}: has no table`);
            continue;
        }
        const found = check(name, rule, bless);
        wrong.push(...found.wrong);
        cases += found.cases;
    }
    wrong.forEach((line) => console.log(line));
    console.log(`${tables.length} tables, ${cases} cases, ${wrong.length} ${bless ? 'changed' : 'wrong'}`);
    return wrong.length === 0 || bless ? 0 : 1;
}

process.exitCode = main(process.argv.includes('--bless'));
