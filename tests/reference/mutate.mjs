// Turns a valid document into one that most often breaks a rule.
import {
    doTypesOverlap,
    getNamedType,
    isAbstractType,
    isCompositeType,
    isInputType,
    isLeafType,
    isNonNullType,
    isRequiredArgument,
    isSpecifiedScalarType,
    specifiedScalarTypes,
} from 'graphql';
import {
    argumentOf,
    copyOf,
    definitionOf,
    directiveOf,
    nodesOf,
    selectionOf,
    typeOf,
    valueOf,
    variableOf,
} from './nodes.mjs';

/** A name that is almost another one. */
function misspelt(random, name) {
    const at = random.below(name.length);
    const [head, char, tail] = [name.slice(0, at), name[at], name.slice(at + 1)];
    const swapped = tail === '' ? `${char}${head}` : `${head}${tail[0]}${char}${tail.slice(1)}`;
    const cased = head + (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()) + tail;
    const found = random.pick([head + tail, head + char + char + tail, swapped, cased, `${name}s`, `${name}_`, 'nope', 'zzzzzzzzzz']);
    return /^[_A-Za-z]\w*$/.test(found) ? found : `${name}x`;
}

const named = (value) => ({ kind: 'Name', value });
const insert = (random, list, node) => list.splice(random.below(list.length + 1), 0, node);
const operations = ({ document }) => document.definitions.filter((one) => one.kind === 'OperationDefinition');
const fragments = ({ document }) => document.definitions.filter((one) => one.kind === 'FragmentDefinition');

/** A random node of a kind, of those that pass. */
function some({ schema, random, document }, kind, passes = () => true) {
    const found = nodesOf(schema, document, kind).filter(passes);
    return found.length > 0 ? random.pick(found) : undefined;
}

/** Changes a random node of a kind, of those that pass; false if there is none. */
function change(at, kind, edit, passes) {
    const found = some(at, kind, passes);
    if (found === undefined) {
        return false;
    }
    edit(found.node, found);
    return true;
}

const typesOf = ({ schema }, passes) => Object.values(schema.getTypeMap()).filter(passes);
const pickType = (at, passes) => at.random.pick(typesOf(at, passes)).name;
const holders = ['Field', 'InlineFragment', 'FragmentSpread'];
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
    insert(at.random, at.document.definitions, definitionOf(at.random.pick(['{ __typename }', 'query ($a: Int) { __typename }'])));
}

/** Asks for the wrong kind of operation, which is no fault of a document where the schema has no such root. */
function otherOperation(at) {
    at.random.pick(operations(at)).operation = at.random.pick(['query', 'mutation', 'subscription']);
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

function outputVariable(at) {
    const type = `${at.random.pick(['', '['])}${pickType(at, (one) => !isInputType(one))}`;
    const text = type.startsWith('[') ? `${type}!]` : type;
    return change(at, 'VariableDefinition', (node) => (node.type = typeOf(text)));
}

const composite = ({ type }) => isCompositeType(getNamedType(type));
const leaf = ({ type }) => type && isLeafType(getNamedType(type));

const bareObject = (at) => change(at, 'Field', (node) => (node.selectionSet = undefined), composite);

const leafWithFields = (at) => {
    return change(at, 'Field', (node) => (node.selectionSet = selectionOf('x { id }').selectionSet), leaf);
};

const unknownField = (at) => change(at, 'Field', ({ name }) => (name.value = misspelt(at.random, name.value)));

/** A field that another type has. */
function strayField(at) {
    const others = typesOf(at, (type) => type.getFields && isCompositeType(type) && !type.name.startsWith('__'));
    const name = at.random.pick(Object.keys(at.random.pick(others).getFields()));
    const node = selectionOf(at.random.chance(0.5) ? name : `${name} { id }`);
    return change(at, 'SelectionSet', ({ selections }) => insert(at.random, selections, node));
}

function repeatFragment(at) {
    return change(at, 'FragmentDefinition', (node, { list }) => insert(at.random, list, copyOf(node)));
}

const unknownFragment = (at) => change(at, 'FragmentSpread', ({ name }) => (name.value = misspelt(at.random, name.value)));

function unknownSpread(at) {
    return change(at, 'SelectionSet', ({ selections }) => insert(at.random, selections, selectionOf('...Nope')));
}

function unusedFragment(at) {
    const text = `fragment ${at.random.pick(['Unused', 'F99', 'f0'])} on ${pickType(at, isCompositeType)} { __typename }`;
    insert(at.random, at.document.definitions, definitionOf(text));
}

/** A spread goes, and its fragment may be used nowhere else. */
function dropSpread(at) {
    return change(at, 'FragmentSpread', (node, { list }) => list.splice(list.indexOf(node), 1, selectionOf('__typename')));
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

const holder = (at) => some(at, at.random.pick([...holders, 'OperationDefinition', 'FragmentDefinition', 'VariableDefinition']));

function addDirective(at, texts) {
    const found = holder(at);
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

const unknownArgument = (at) => change(at, 'Argument', ({ name }) => (name.value = misspelt(at.random, name.value)));

function strayArgument(at) {
    const node = argumentOf(at.random.pick(['first: 1', 'nope: 1', 'filter: {id: {eq: 1}}', 'If: true', 'tenantID: 1', 'after: null']));
    return change(at, at.random.pick(['Field', 'Directive']), (found) => {
        found.arguments ??= [];
        insert(at.random, found.arguments, node);
    });
}

function repeatArgument(at) {
    return change(at, 'Argument', (node, { list }) => insert(at.random, list, copyOf(node)));
}

function dropArgument(at) {
    return change(at, 'Argument', (node, { list }) => list.splice(list.indexOf(node), 1), ({ argument }) => {
        return argument && isRequiredArgument(argument);
    });
}

const wrongValues = ['1', '"1"', '1.5', 'true', 'WORD', 'null', '[]', '[1, null]', '{}', '{a: 1}', '2147483648', '-2147483649', '1e3'];

/** Whether graphql-js knows what a literal of the type looks like: it takes anything for a scalar of our own. */
const known = ({ inputType }) => {
    const type = getNamedType(inputType);
    return type && (type.getFields || type.getValues || isSpecifiedScalarType(type));
};

function wrongValue(at) {
    const value = valueOf(at.random.pick(wrongValues));
    const place = (kind, passes) => change(at, kind, (node) => (node.value = value), passes);
    const ofField = (found) => known(found) && found.around.kind === 'Field';
    return (at.random.chance(0.5) && place('ObjectField', known)) || (at.random.chance(0.8) && place('Argument', ofField)) || place('Argument', known);
}

function bigNumber(at) {
    const value = valueOf(at.random.pick(['2147483648', '-2147483649', '99999999999999999999', '2147483647', '-2147483648', '1e2', '1.0']));
    return change(at, 'Argument', (node) => (node.value = value), ({ inputType }) => getNamedType(inputType)?.name === 'Int');
}

function wrongDefault(at) {
    const value = valueOf(at.random.pick(wrongValues));
    return change(at, 'VariableDefinition', (node) => (node.defaultValue = value));
}

function nullForNonNull(at) {
    return change(at, 'Argument', (node) => (node.value = valueOf('null')), ({ argument }) => isNonNullType(argument?.type));
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

/** Two fields under one response key. */
function sameKey(at) {
    const several = ({ node }) => node.selections.filter((one) => one.kind === 'Field').length > 1;
    return change(at, 'SelectionSet', ({ selections }) => {
        const [one, other] = at.random.shuffled(selections.filter((node) => node.kind === 'Field'));
        one.alias = named((other.alias ?? other.name).value);
    }, several);
}

/** The same field again, with other arguments or other fields below, here or in a fragment. */
function otherArguments(at) {
    return change(at, 'Field', (node, { list }) => {
        const copy = copyOf(node);
        copy.arguments = copy.arguments?.length ? copy.arguments.slice(1) : [argumentOf(at.random.pick(['first: 1', 'a: 2']))];
        const wrapped = selectionOf('... { x }');
        wrapped.selectionSet.selections = [copy];
        insert(at.random, list, at.random.chance(0.5) ? copy : wrapped);
    });
}

/** A field of a type as text, with as little as it needs below it. */
function fieldText({ random }, type) {
    const { name, type: inner } = random.pick(Object.values(type.getFields()));
    return isLeafType(getNamedType(inner)) ? name : `${name} { __typename }`;
}

/** Puts a fragment on an abstract type somewhere; what is in it is told by the objects that may be there. */
function amongObjects(at, text) {
    const around = at.random.pick(typesOf(at, (type) => isAbstractType(type) && at.schema.getPossibleTypes(type).length > 1));
    if (around === undefined) {
        return false;
    }
    const node = selectionOf(`... on ${around} { ${text(at.random.shuffled(at.schema.getPossibleTypes(around)))} }`);
    const meets = ({ parentType }) => isCompositeType(parentType) && doTypesOverlap(at.schema, parentType, around);
    return change(at, 'SelectionSet', ({ selections }) => insert(at.random, selections, node), meets);
}

const memberField = (at) => amongObjects(at, ([one]) => fieldText(at, one));

/** Fields of different objects under one key, whose types differ most often. */
function otherShape(at) {
    const shape = (type) => `... on ${type} { shape: ${fieldText(at, type)} }`;
    return amongObjects(at, ([one, other]) => `${shape(one)} ${shape(other)}`);
}

/** A conflict below a field that is there twice. */
function deeperConflict(at) {
    return change(at, 'Field', (node, { list }) => {
        const copy = copyOf(node);
        node.selectionSet.selections.push(selectionOf('same: __typename'));
        copy.selectionSet.selections = [selectionOf('same: id')];
        insert(at.random, list, copy);
    }, ({ node }) => node.selectionSet);
}

function repeatInputField(at) {
    const value = at.random.pick(['{a: 1, a: 2}', '{a: {b: 1, b: 1}, a: 2}', '[{id: 1, eq: 2, id: 3}]']);
    if (at.random.chance(0.5)) {
        return change(at, 'Argument', (node) => (node.value = valueOf(value)));
    }
    return change(at, 'Field', (node) => (node.arguments = [...(node.arguments ?? []), argumentOf(`filter: ${value}`)]));
}

const deep = [
    '__schema { types { fields { type { fields { type { fields { name } } } } } } }',
    '__type(name: "Post") { fields { type { interfaces { possibleTypes { name } } } } }',
    '__type(name: "Node") { possibleTypes { ... { interfaces { x: fields { name type { ofType { name } } } } } } }',
    'deep: __schema { queryType { fields { args { type { inputFields { type { fields { name } } } } } } } }',
];

function deepIntrospection(at) {
    const { document, random } = at;
    const selection = selectionOf(random.pick(deep));
    if (random.chance(0.3)) {
        const name = `Deep${random.below(9)}`;
        const type = selection.name.value === '__type' ? '__Type' : '__Schema';
        document.definitions.push({ ...definitionOf(`fragment ${name} on ${type} { x }`), selectionSet: selection.selectionSet });
        selection.selectionSet = selectionOf(`x { ...${name} }`).selectionSet;
    }
    insert(random, random.pick(operations(at)).selectionSet.selections, selection);
}

function dropSelection(at) {
    const several = ({ node }) => node.selections.length > 1;
    return change(at, 'SelectionSet', ({ selections }) => selections.splice(at.random.below(selections.length), 1), several);
}

/** By the rule that each is meant to break; some break others too, some none. */
const mutations = Object.entries({
    executable_definitions: [defineType],
    unique_operation_names: [repeatOperation],
    lone_anonymous_operation: [addAnonymous],
    known_type_names: [unknownType],
    fragments_on_composite_types: [leafCondition],
    variables_are_input_types: [outputVariable],
    scalar_leafs: [bareObject, leafWithFields],
    fields_on_correct_type: [unknownField, strayField, memberField],
    unique_fragment_names: [repeatFragment],
    known_fragment_names: [unknownFragment, unknownSpread],
    no_unused_fragments: [unusedFragment, dropSpread],
    possible_fragment_spreads: [otherCondition],
    no_fragment_cycles: [cycle],
    unique_variable_names: [repeatVariable],
    no_undefined_variables: [undefinedVariable, otherVariable],
    no_unused_variables: [unusedVariable],
    known_directives: [unknownDirective, strayDirective],
    unique_directives_per_location: [repeatDirective],
    known_argument_names: [unknownArgument, strayArgument],
    unique_argument_names: [repeatArgument],
    values_of_correct_type: [wrongValue, wrongValue, bigNumber, wrongDefault, nullForNonNull],
    provided_required_arguments: [dropArgument, bareDirective],
    variables_in_allowed_position: [otherVariableType],
    overlapping_fields_can_be_merged: [sameKey, otherArguments, otherShape, deeperConflict],
    unique_input_field_names: [repeatInputField],
    max_introspection_depth: [deepIntrospection],
    perhaps_none: [otherOperation, dropSelection],
}).flatMap(([, list]) => list);

/** How many ways there are to change a document. */
export const ways = mutations.length;

/** Changes a document in a way, and sometimes in one or two more; false if the way finds nothing to change. */
export function mutated(schema, random, document, way) {
    const at = { schema, random, document };
    if (mutations[way](at) === false) {
        return false;
    }
    while (random.chance(0.2)) {
        random.pick(mutations)(at);
    }
    return true;
}
