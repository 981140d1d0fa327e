// Turns the public SDL into tests/validation/operations.jsonl: random operations and what graphql-js says about each, half of
// them made invalid. The same SDL gives the same file; `--check` compares it with the one that is there.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { GraphQLError, parse } from 'graphql';
import { inTests, introspectionQuery, judged, parsed, rules, schemaOf } from './judge.mjs';
import { withinLimits } from './generator/measure.mjs';
import { mutated, ways } from './generator/mutate.mjs';
import { choices } from './generator/random.mjs';
import { broken, laidOut } from './generator/tokens.mjs';
import { walked } from './generator/walk.mjs';

const seed = 1615;
const file = inTests('validation/operations.jsonl');
const half = 1300;
const walkedOnes = 1200;
const syntaxErrors = 220;
const shown = 3;
const least = 15;

/** What graphql-js says about a text; nothing where it cannot say. */
function verdict(schema, query) {
    const { document, syntax } = parsed(query);
    if (syntax !== undefined) {
        return { valid: false, syntax };
    }
    try {
        const errors = judged(schema, document);
        return errors.length === 0 ? { valid: true } : { valid: false, errors: errors.slice(0, shown) };
    } catch (error) {
        // SingleFieldSubscriptionsRule executes the root's @skip and @include, and cannot do so with variables.
        if (error instanceof GraphQLError) {
            return { valid: undefined };
        }
        throw error;
    }
}

/** Valid operations within the limits, small ones but for a few. */
function validOnes(schema, random, seen) {
    const found = [{ query: introspectionQuery, valid: true }];
    while (found.length < walkedOnes) {
        const size = random.chance(0.05) ? random.between(40, 100) : random.between(2, 18);
        const { text, operationName, variables } = walked(schema, random, size);
        const document = parse(text, { noLocation: true });
        const query = laidOut(random, document);
        if (!seen.has(query) && withinLimits(document) && verdict(schema, query).valid) {
            seen.add(query);
            const given = Object.keys(variables).length > 0 ? variables : undefined;
            found.push({ query, operationName, variables: given, valid: true });
        }
    }
    return found;
}

/** Walked ones, changed in every way in turn until enough are invalid; and some of them no documents any more. */
function mutants(schema, random, seen, sound) {
    const [invalid, harmless] = [[], []];
    for (let way = 0; invalid.length < half; way = (way + 1) % ways) {
        const asDocuments = invalid.length < half - syntaxErrors;
        for (const query of asDocuments ? mutant(schema, random, sound, way) : [broken(random, base(random, sound))]) {
            const said = seen.has(query) ? {} : verdict(schema, query);
            seen.add(query);
            if (said.valid === false) {
                invalid.push({ query, ...said });
            } else if (said.valid && harmless.length < half - walkedOnes && withinLimits(parse(query))) {
                harmless.push({ query, valid: true });
            }
        }
    }
    return [...invalid, ...harmless];
}

const base = (random, sound) => parse(random.pick(sound).query, { noLocation: true });

/** A document changed in a way, as a list of one, or of none if a few tries found nothing to change. */
function mutant(schema, random, sound, way) {
    for (let left = 20; left > 0; left -= 1) {
        const document = base(random, sound);
        if (mutated(schema, random, document, way)) {
            return [laidOut(random, document)];
        }
    }
    return [];
}

/** How many of the operations break each rule. */
function countsOf(schema, operations) {
    const documents = operations.filter((one) => one.errors).map((one) => parse(one.query));
    const counts = [...rules].map(([name, rule]) => {
        return [name, documents.filter((document) => judged(schema, document, [rule]).length > 0).length];
    });
    return new Map([...counts, ['syntax', operations.filter((one) => one.syntax).length]]);
}

function main(check) {
    const schema = schemaOf('golden/schema.graphql');
    const random = choices(seed);
    const seen = new Set();
    const sound = validOnes(schema, random, seen);
    const operations = random.shuffled([...sound, ...mutants(schema, random, seen, sound.slice(1))]);
    const text = operations.map((one) => `${JSON.stringify(one)}\n`).join('');
    if (check) {
        const same = readFileSync(file, 'utf8') === text;
        console.log(
            same
                ? `${operations.length} operations are as they would be made`
                : `${file} is not as it would be made: node generate.mjs`,
        );
        return same ? 0 : 1;
    }
    mkdirSync(inTests('validation'), { recursive: true });
    writeFileSync(file, text);
    const counts = countsOf(schema, operations);
    counts.forEach((count, name) => console.log(`${String(count).padStart(5)}  ${name}`));
    console.log(`${operations.length} operations, ${Buffer.byteLength(text)} bytes`);
    const needed = [...counts].filter(
        ([name]) => schema.getSubscriptionType() || name !== 'single_field_subscriptions',
    );
    const rare = needed.filter(([, count]) => count < least).map(([name]) => name);
    rare.forEach((name) => console.log(`too few break ${name}: at least ${least} should`));
    return rare.length === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.includes('--check'));
