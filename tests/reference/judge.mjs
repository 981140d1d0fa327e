// Turns documents into what graphql-js says about them, in the one notation of the tables and of the operations.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { GraphQLError, buildSchema, getIntrospectionQuery, parse, specifiedRules, validate } from 'graphql';

/** The path of a file of tests/, from its path below it. */
export const inTests = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** A schema from a file of tests/. */
export const schemaOf = (path) => buildSchema(readFileSync(inTests(path), 'utf8'));

/** graphql-js' rules in its order, by the names of our tables: `KnownTypeNamesRule` is `known_type_names`. */
export const rules = new Map(
    specifiedRules.map((rule) => {
        const words = rule.name.replace(/Rule$/, '').replace(/(?!^)[A-Z]/g, '_$&');
        return [words.toLowerCase(), rule];
    }),
);

/** The introspection query that asks for everything of the specification. */
export const introspectionQuery = getIntrospectionQuery({
    descriptions: true,
    specifiedByUrl: true,
    directiveIsRepeatable: true,
    schemaDescription: true,
    inputValueDeprecation: true,
    oneOf: true,
});

/** `line:column, line:column: message` with all locations of graphql-js in its order, on one line. */
export function told(error) {
    const places = (error.locations ?? []).map(({ line, column }) => `${line}:${column}`);
    return `${places.join(', ')}: ${error.message.replaceAll('\n', '⏎')}`;
}

/** The document's tree, or the syntax error, told. */
export function parsed(text) {
    try {
        return { document: parse(text) };
    } catch (error) {
        if (error instanceof GraphQLError) {
            return { syntax: told(error) };
        }
        throw error;
    }
}

/** What the rules say about a document, told; all rules if none are named. */
export function judged(schema, document, chosen = specifiedRules) {
    return validate(schema, document, chosen).map(told);
}
