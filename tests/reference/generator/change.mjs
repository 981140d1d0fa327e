// Turns a wish to change something into a change at a random node of a document.
import { getNamedType, isLeafType } from 'graphql';
import { nodesOf } from './nodes.mjs';

/** A name that is almost another one. */
export function misspelt(random, name) {
    const at = random.below(name.length);
    const [head, char, tail] = [name.slice(0, at), name[at], name.slice(at + 1)];
    const swapped = tail === '' ? `${char}${head}` : `${head}${tail[0]}${char}${tail.slice(1)}`;
    const cased = head + (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()) + tail;
    const found = random.pick([
        head + tail,
        head + char + char + tail,
        swapped,
        cased,
        `${name}s`,
        `${name}_`,
        'nope',
        'zzzzzzzzzz',
    ]);
    return /^[_A-Za-z]\w*$/.test(found) ? found : `${name}x`;
}

export const named = (value) => ({ kind: 'Name', value });
export const insert = (random, list, node) => list.splice(random.below(list.length + 1), 0, node);
export const operations = ({ document }) => document.definitions.filter((one) => one.kind === 'OperationDefinition');
export const fragments = ({ document }) => document.definitions.filter((one) => one.kind === 'FragmentDefinition');

/** A random node of a kind, of those that pass. */
export function some({ schema, random, document }, kind, passes = () => true) {
    const found = nodesOf(schema, document, kind).filter(passes);
    return found.length > 0 ? random.pick(found) : undefined;
}

/** Changes a random node of a kind, of those that pass; false if there is none. */
export function change(at, kind, edit, passes) {
    const found = some(at, kind, passes);
    if (found === undefined) {
        return false;
    }
    edit(found.node, found);
    return true;
}

export const typesOf = ({ schema }, passes) => Object.values(schema.getTypeMap()).filter(passes);
export const pickType = (at, passes) => at.random.pick(typesOf(at, passes)).name;

/** A field of a type as text, with as little as it needs below it. */
export function fieldText({ random }, type) {
    const { name, type: inner } = random.pick(Object.values(type.getFields()));
    return isLeafType(getNamedType(inner)) ? name : `${name} { __typename }`;
}
