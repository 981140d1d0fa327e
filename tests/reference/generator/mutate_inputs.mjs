// Turns a document into one whose arguments, values or directives are wrong.
import {
    getNamedType,
    isNonNullType,
    isRequiredArgument,
    isSpecifiedDirective,
    isSpecifiedScalarType,
} from 'graphql';
import { argumentOf, copyOf, directiveOf, valueOf } from './nodes.mjs';
import { change, insert, misspelt, some } from './change.mjs';

const holders = [
    'Field',
    'InlineFragment',
    'FragmentSpread',
    'OperationDefinition',
    'FragmentDefinition',
    'VariableDefinition',
];

function addDirective(at, texts) {
    const found = some(at, at.random.pick(holders));
    if (found === undefined) {
        return false;
    }
    found.node.directives ??= [];
    insert(at.random, found.node.directives, directiveOf(at.random.pick(texts)));
    return true;
}

const unknownDirective = (at) => addDirective(at, ['@nope', '@Skip(if: true)', '@includes(if: true)', '@nope(a: 1)']);
const strayDirective = (at) => addDirective(at, ['@deprecated', '@specifiedBy(url: "x")', '@skip(if: true)', '@oneOf']);
const bareDirective = (at) => addDirective(at, ['@skip', '@include', '@skip(iff: true)']);
const repeatDirective = (at) => change(at, 'Directive', (node, { list }) => insert(at.random, list, copyOf(node)));

/** A directive that the schema itself defines: mostly where it may not be, or with what it does not take. */
function ownDirective(at) {
    const own = at.schema.getDirectives().filter((one) => !isSpecifiedDirective(one));
    if (own.length === 0) {
        return false;
    }
    const { name } = at.random.pick(own);
    return addDirective(at, [`@${name}`, `@${name}`, `@${name}(if: true)`]);
}

const unknownArgument = (at) => change(at, 'Argument', ({ name }) => (name.value = misspelt(at.random, name.value)));

function strayArgument(at) {
    const node = argumentOf(
        at.random.pick(['first: 1', 'nope: 1', 'filter: {id: {eq: 1}}', 'If: true', 'tenantID: 1', 'after: null']),
    );
    return change(at, at.random.pick(['Field', 'Directive']), (found) => {
        found.arguments ??= [];
        insert(at.random, found.arguments, node);
    });
}

function repeatArgument(at) {
    return change(at, 'Argument', (node, { list }) => insert(at.random, list, copyOf(node)));
}

function dropArgument(at) {
    return change(
        at,
        'Argument',
        (node, { list }) => list.splice(list.indexOf(node), 1),
        ({ argument }) => {
            return argument && isRequiredArgument(argument);
        },
    );
}

const wrongValues = [
    '1',
    '"1"',
    '1.5',
    'true',
    'WORD',
    'null',
    '[]',
    '[1, null]',
    '{}',
    '{a: 1}',
    '2147483648',
    '-2147483649',
    '1e3',
];

/** Whether graphql-js knows what a literal of the type looks like: it takes anything for a scalar of our own. */
const known = ({ inputType }) => {
    const type = getNamedType(inputType);
    return type && (type.getFields || type.getValues || isSpecifiedScalarType(type));
};

function wrongValue(at) {
    const value = valueOf(at.random.pick(wrongValues));
    const place = (kind, passes) => change(at, kind, (node) => (node.value = value), passes);
    const ofField = (found) => known(found) && found.around.kind === 'Field';
    return (
        (at.random.chance(0.5) && place('ObjectField', known)) ||
        (at.random.chance(0.8) && place('Argument', ofField)) ||
        place('Argument', known)
    );
}

function bigNumber(at) {
    const value = valueOf(
        at.random.pick([
            '2147483648',
            '-2147483649',
            '99999999999999999999',
            '2147483647',
            '-2147483648',
            '1e2',
            '1.0',
        ]),
    );
    return change(
        at,
        'Argument',
        (node) => (node.value = value),
        ({ inputType }) => getNamedType(inputType)?.name === 'Int',
    );
}

function wrongDefault(at) {
    const value = valueOf(at.random.pick(wrongValues));
    return change(at, 'VariableDefinition', (node) => (node.defaultValue = value));
}

function nullForNonNull(at) {
    return change(
        at,
        'Argument',
        (node) => (node.value = valueOf('null')),
        ({ argument }) => isNonNullType(argument?.type),
    );
}

function repeatInputField(at) {
    const value = at.random.pick(['{a: 1, a: 2}', '{a: {b: 1, b: 1}, a: 2}', '[{id: 1, eq: 2, id: 3}]']);
    if (at.random.chance(0.5)) {
        return change(at, 'Argument', (node) => (node.value = valueOf(value)));
    }
    return change(
        at,
        'Field',
        (node) => (node.arguments = [...(node.arguments ?? []), argumentOf(`filter: ${value}`)]),
    );
}

/** Ways to break each rule, or perhaps none. */
export const ofInputs = {
    known_directives: [unknownDirective, strayDirective, ownDirective],
    unique_directives_per_location: [repeatDirective],
    known_argument_names: [unknownArgument, strayArgument],
    unique_argument_names: [repeatArgument],
    values_of_correct_type: [wrongValue, wrongValue, bigNumber, wrongDefault, nullForNonNull],
    provided_required_arguments: [dropArgument, bareDirective],
    unique_input_field_names: [repeatInputField],
};
