// Turns a document into one whose operations, fragments, variables or type names are wrong.
import { isCompositeType, isInputType, specifiedScalarTypes } from 'graphql';
import { copyOf, definitionOf, selectionOf, typeOf, variableOf } from './nodes.mjs';
import { change, fieldText, fragments, insert, misspelt, named, operations, pickType, typesOf } from './change.mjs';

const isCondition = ({ key }) => key === 'typeCondition';

const definitions = [
    'type Cow { name: String }',
    'extend type Post { colour: String }',
    'interface Beast implements Node { id: ID! }',
    'union Either = Post | User',
    'enum Colour { RED }',
    'input Filter { a: Int = 1 }',
    'scalar Url',
    'directive @here(far: Int) on FIELD',
    'schema { query: Query }',
    'extend schema @nope',
];

function defineType(at) {
    insert(at.random, at.document.definitions, definitionOf(at.random.pick(definitions)));
}

function repeatOperation(at) {
    const one = at.random.pick(operations(at));
    one.name ??= named('Q');
    insert(at.random, at.document.definitions, copyOf(one));
}

function addAnonymous(at) {
    insert(
        at.random,
        at.document.definitions,
        definitionOf(at.random.pick(['{ __typename }', 'query ($a: Int) { __typename }'])),
    );
}

/** Asks for the wrong kind of operation, which is no fault of a document where the schema has no such root. */
function otherOperation(at) {
    at.random.pick(operations(at)).operation = at.random.pick(['query', 'mutation', 'subscription']);
}

function subscribeTwice(at) {
    const root = at.schema.getSubscriptionType();
    if (!root) {
        return false;
    }
    const second = at.random.pick(['b: __typename', `b: ${fieldText(at, root)}`]);
    const text = `subscription ${at.random.pick(['', 'S'])} { a: ${fieldText(at, root)} ${second} }`;
    insert(at.random, at.document.definitions, definitionOf(text));
}

const unknownType = (at) => change(at, 'NamedType', ({ name }) => (name.value = misspelt(at.random, name.value)));

const leafCondition = (at) => {
    const leaves = pickType(at, (type) => !isCompositeType(type));
    return change(at, 'NamedType', ({ name }) => (name.value = leaves), isCondition);
};

const otherCondition = (at) => {
    const other = pickType(at, isCompositeType);
    return change(at, 'NamedType', ({ name }) => (name.value = other), isCondition);
};

function repeatFragment(at) {
    return change(at, 'FragmentDefinition', (node, { list }) => insert(at.random, list, copyOf(node)));
}

const unknownFragment = (at) =>
    change(at, 'FragmentSpread', ({ name }) => (name.value = misspelt(at.random, name.value)));

function unknownSpread(at) {
    return change(at, 'SelectionSet', ({ selections }) => insert(at.random, selections, selectionOf('...Nope')));
}

function unusedFragment(at) {
    const text = `fragment ${at.random.pick(['Unused', 'F99', 'f0'])} on ${pickType(at, isCompositeType)} { __typename }`;
    insert(at.random, at.document.definitions, definitionOf(text));
}

/** A spread goes, and its fragment may be used nowhere else. */
function dropSpread(at) {
    return change(at, 'FragmentSpread', (node, { list }) =>
        list.splice(list.indexOf(node), 1, selectionOf('__typename')),
    );
}

/** A fragment spreads itself, or one that may spread it, or a new one that does. */
function cycle(at) {
    if (fragments(at).length === 0) {
        return false;
    }
    const one = at.random.pick(fragments(at));
    const loop = definitionOf(`fragment Loop on ${one.typeCondition.name.value} { __typename ...${one.name.value} }`);
    const other = at.random.pick([one, loop, loop, at.random.pick(fragments(at))]);
    insert(at.random, one.selectionSet.selections, selectionOf(`...${other.name.value}`));
    if (other === loop) {
        insert(at.random, at.document.definitions, loop);
    }
    return true;
}

function outputVariable(at) {
    const type = `${at.random.pick(['', '['])}${pickType(at, (one) => !isInputType(one))}`;
    const text = type.startsWith('[') ? `${type}!]` : type;
    return change(at, 'VariableDefinition', (node) => (node.type = typeOf(text)));
}

function repeatVariable(at) {
    return change(at, 'VariableDefinition', (node, { list }) => insert(at.random, list, copyOf(node)));
}

function undefinedVariable(at) {
    return change(at, 'VariableDefinition', (node, { list }) => list.splice(list.indexOf(node), 1));
}

const otherVariable = (at) => {
    const used = ({ around }) => around.kind !== 'VariableDefinition';
    return change(at, 'Variable', ({ name }) => (name.value = misspelt(at.random, name.value)), used);
};

function unusedVariable(at) {
    const one = variableOf(at.random.pick(['$unused: Int', '$unused: [ID!]! = []', '$v99: String = "x"']));
    const operation = at.random.pick(operations(at));
    operation.variableDefinitions ??= [];
    insert(at.random, operation.variableDefinitions, one);
}

/** Another type for a variable: without its `!`, as a list, or of another name. */
function otherVariableType(at) {
    return change(at, 'VariableDefinition', (node) => {
        const weaker = node.type.kind === 'NonNullType' ? node.type.type : undefined;
        // Also the standard scalars that the schema has no use for, and so does not know.
        const inputs = [...typesOf(at, isInputType), ...specifiedScalarTypes].map((type) => typeOf(`${type}!`));
        const list = { kind: 'ListType', type: copyOf(node.type) };
        node.type = at.random.pick([weaker ?? list, weaker ?? list, list, at.random.pick(inputs)]);
    });
}

/** Ways to break each rule, or perhaps none. */
export const ofDefinitions = {
    executable_definitions: [defineType],
    unique_operation_names: [repeatOperation],
    lone_anonymous_operation: [addAnonymous],
    single_field_subscriptions: [subscribeTwice],
    known_type_names: [unknownType],
    fragments_on_composite_types: [leafCondition],
    variables_are_input_types: [outputVariable],
    unique_fragment_names: [repeatFragment],
    known_fragment_names: [unknownFragment, unknownSpread],
    no_unused_fragments: [unusedFragment, dropSpread],
    possible_fragment_spreads: [otherCondition],
    no_fragment_cycles: [cycle],
    unique_variable_names: [repeatVariable],
    no_undefined_variables: [undefinedVariable, otherVariable],
    no_unused_variables: [unusedVariable],
    variables_in_allowed_position: [otherVariableType],
    perhaps_none: [otherOperation],
};
