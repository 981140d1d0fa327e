// Turns a document into one whose fields are wrong, or do not go together.
import { doTypesOverlap, getNamedType, isAbstractType, isCompositeType, isLeafType } from 'graphql';
import { argumentOf, copyOf, definitionOf, selectionOf } from './nodes.mjs';
import { change, fieldText, insert, misspelt, named, operations, typesOf } from './change.mjs';

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

/** Two fields under one response key. */
function sameKey(at) {
    const several = ({ node }) => node.selections.filter((one) => one.kind === 'Field').length > 1;
    return change(
        at,
        'SelectionSet',
        ({ selections }) => {
            const [one, other] = at.random.shuffled(selections.filter((node) => node.kind === 'Field'));
            one.alias = named((other.alias ?? other.name).value);
        },
        several,
    );
}

/** The same field again, with other arguments or other fields below, here or in a fragment. */
function otherArguments(at) {
    return change(at, 'Field', (node, { list }) => {
        const copy = copyOf(node);
        copy.arguments = copy.arguments?.length
            ? copy.arguments.slice(1)
            : [argumentOf(at.random.pick(['first: 1', 'a: 2']))];
        const wrapped = selectionOf('... { x }');
        wrapped.selectionSet.selections = [copy];
        insert(at.random, list, at.random.chance(0.5) ? copy : wrapped);
    });
}

/** Puts a fragment on an abstract type somewhere; what is in it is told by the objects that may be there. */
function amongObjects(at, text) {
    const around = at.random.pick(
        typesOf(at, (type) => isAbstractType(type) && at.schema.getPossibleTypes(type).length > 1),
    );
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
    return change(
        at,
        'Field',
        (node, { list }) => {
            const copy = copyOf(node);
            node.selectionSet.selections.push(selectionOf('same: __typename'));
            copy.selectionSet.selections = [selectionOf('same: id')];
            insert(at.random, list, copy);
        },
        ({ node }) => node.selectionSet,
    );
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
        document.definitions.push({
            ...definitionOf(`fragment ${name} on ${type} { x }`),
            selectionSet: selection.selectionSet,
        });
        selection.selectionSet = selectionOf(`x { ...${name} }`).selectionSet;
    }
    insert(random, random.pick(operations(at)).selectionSet.selections, selection);
}

function dropSelection(at) {
    const several = ({ node }) => node.selections.length > 1;
    return change(
        at,
        'SelectionSet',
        ({ selections }) => selections.splice(at.random.below(selections.length), 1),
        several,
    );
}

/** Ways to break each rule, or perhaps none. */
export const ofSelections = {
    scalar_leafs: [bareObject, leafWithFields],
    fields_on_correct_type: [unknownField, strayField, memberField],
    overlapping_fields_can_be_merged: [sameKey, otherArguments, otherShape, deeperConflict],
    max_introspection_depth: [deepIntrospection],
    perhaps_none: [dropSelection],
};
