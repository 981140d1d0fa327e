// Turns a schema into random documents that are meant to be valid: walks from a root, with variables, fragments, directives.
import {
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    doTypesOverlap,
    getNamedType,
    isCompositeType,
    isLeafType,
    isRequiredArgument,
} from 'graphql';
import { literal } from './values.mjs';
import { definitions, valuesOf, variable } from './variables.mjs';

const deepest = 9;
/** How likely a place has directives. */
const often = 0.12;

/** A document: its text, which operation to run if there are several, and the variables for it. `size` is about how many fields. */
export function walked(schema, random, size) {
    const walk = {
        schema,
        random,
        size,
        left: size,
        aliases: 0,
        uses: 0,
        fragments: [],
        written: [],
        operation: undefined,
    };
    const names = random.shuffled(['Q', 'Posts', 'posts', 'query', 'on', 'Post', 'F0']);
    const operations = names.slice(0, random.chance(0.06) ? 2 : 1);
    const several = operations.length > 1;
    const made = operations.map((name) => operation(walk, several || random.chance(0.6) ? name : undefined));
    const chosen = random.pick(made);
    const text = random.shuffled([...made.map((one) => one.text), ...walk.written]).join('\n');
    return { text, variables: chosen.variables, operationName: several ? chosen.name : undefined };
}

function operation(walk, name) {
    const { schema, random } = walk;
    const others = [
        ['mutation', schema.getMutationType()],
        ['subscription', schema.getSubscriptionType()],
    ].filter(([, type]) => type);
    const [kind, type] =
        others.length > 0 && random.chance(0.2) ? random.pick(others) : ['query', schema.getQueryType()];
    walk.operation = { variables: [] };
    const body =
        kind === 'subscription' ? `{ ${field(walk, type, new Map(), 1)} }` : selections(walk, type, new Map(), 1);
    // Most operations of the kinds that change something are alike but for these.
    const marked = directives(walk, kind.toUpperCase(), kind === 'query' ? often : 0.3);
    const defined = definitions(walk, described);
    const bare = kind === 'query' && name === undefined && defined === '' && marked === '' && random.chance(0.8);
    const head = bare ? '' : `${described(random)}${kind} ${name ?? ''}${defined}${marked} `;
    return { name, text: head + body, variables: valuesOf(walk) };
}

/** Operations, variables and fragments may have descriptions since the edition of September 2025. */
function described(random) {
    return random.chance(0.04) ? random.pick(['"Reads." ', '"""\nReads\n"""\n', '"" ']) : '';
}

/** A selection set. `keys` has what the response keys of all that is merged with it stand for. */
function selections(walk, type, keys, depth) {
    const { random } = walk;
    const most = walk.left <= 0 ? 1 : walk.size > 30 ? 6 : 4;
    const items = [];
    for (let left = random.between(1, most); left > 0; left -= 1) {
        const way = random.below(100);
        if (way < 10) {
            items.push(inlineFragment(walk, type, keys, depth));
        } else if (way < 20) {
            items.push(spread(walk, type, depth));
        } else if (
            items.length === 0 ||
            fieldsOf(walk, type, depth).some(({ name }) => !keys.has(name)) ||
            random.chance(0.1)
        ) {
            items.push(field(walk, type, keys, depth));
        }
    }
    return `{ ${items.join(random.pick([' ', ' ', ', ']))} }`;
}

/** The fields of a type that may be selected at a depth: somewhere the walk must come to an end. */
function fieldsOf({ left }, type, depth) {
    const mayDescend = depth === 1 || (depth < deepest && left > 0);
    const fields = type.getFields ? Object.values(type.getFields()) : [];
    return fields.filter((one) => mayDescend || isLeafType(getNamedType(one.type)));
}

function field(walk, type, keys, depth) {
    const { random } = walk;
    walk.left -= 1;
    const chosen = choice(walk, type, keys, depth);
    if (chosen === undefined) {
        return keyed(walk, type, keys, '__typename', '').head + directives(walk, 'FIELD');
    }
    const passed =
        chosen === TypeMetaFieldDef && random.chance(0.9) ? `(name: "${typeName(walk)}")` : args(walk, chosen.args);
    const { head, below } = keyed(walk, type, keys, chosen.name, passed);
    const marked = head + directives(walk, 'FIELD');
    const inner = getNamedType(chosen.type);
    return isLeafType(inner) ? marked : `${marked} ${selections(walk, inner, below, depth + 1)}`;
}

/** A field of a type; none stands for `__typename`, which is all that a union has. */
function choice(walk, type, keys, depth) {
    const { schema, random } = walk;
    if (type === schema.getQueryType() && random.chance(0.07)) {
        return random.pick([SchemaMetaFieldDef, TypeMetaFieldDef]);
    }
    const fitting = fieldsOf(walk, type, depth);
    const fresh = fitting.filter((one) => !keys.has(one.name));
    const objects = fresh.filter((one) => !isLeafType(getNamedType(one.type)));
    const likely = [objects, fresh, fitting].find(
        (list) => list.length > 0 && random.chance(list === objects ? 0.3 : 0.9),
    );
    return likely === undefined || random.chance(0.07) ? undefined : random.pick(likely);
}

const typeName = ({ schema, random }) => random.pick(Object.keys(schema.getTypeMap()));

/** A field under a response key that is free or holds the same, and the keys of all that is selected below that key. */
function keyed(walk, type, keys, name, passed) {
    const { random } = walk;
    const says = `${name}${passed}`;
    const free = (key) => !keys.has(key) || keys.get(key).says === says;
    const names = type.getFields ? Object.keys(type.getFields()) : [];
    const other = names.length > 0 && random.chance(0.1) ? random.pick(names) : name;
    const aliased = random.chance(0.15) || !free(name);
    const key = !aliased ? name : other !== name && free(other) ? other : `f${walk.aliases++}`;
    if (!keys.has(key)) {
        keys.set(key, { says, below: new Map() });
    }
    return { head: key === name ? says : `${key}: ${says}`, below: keys.get(key).below };
}

function args(walk, defined) {
    const { random } = walk;
    const used = defined.filter((arg) => isRequiredArgument(arg) || random.chance(0.9 / (defined.length + 1)));
    const texts = random.shuffled(used).map(({ name, type, defaultValue }) => {
        return `${name}: ${literal(random, type, (...place) => variable(walk, ...place), defaultValue !== undefined)}`;
    });
    return texts.length > 0 ? `(${texts.join(random.pick([', ', ', ', ' ']))})` : '';
}

/** Directives that may be at a place; the standard ones are all of one argument. */
function directives(walk, location, likelihood = often) {
    const { schema, random } = walk;
    if (!random.chance(likelihood)) {
        return '';
    }
    const fitting = schema.getDirectives().filter(({ locations }) => locations.includes(location));
    const chosen = random.shuffled(fitting).slice(0, random.between(1, 2));
    return chosen.map((one) => ` @${one.name}${args(walk, one.args)}`).join('');
}

/** A type that an object of a type may be. */
function condition({ schema, random }, type) {
    const types = Object.values(schema.getTypeMap()).filter((one) => {
        return isCompositeType(one) && doTypesOverlap(schema, one, type);
    });
    return random.pick(types);
}

function inlineFragment(walk, type, keys, depth) {
    const { random } = walk;
    const typed = random.chance(0.75) ? condition(walk, type) : undefined;
    const marked = directives(walk, 'INLINE_FRAGMENT');
    return `...${typed ? ` on ${typed}` : ''}${marked} ${selections(walk, typed ?? type, keys, depth)}`;
}

function spread(walk, type, depth) {
    const { schema, random } = walk;
    // Variables belong to one operation, so do the fragments that use them.
    const fitting = walk.fragments.filter((one) => {
        return doTypesOverlap(schema, one.type, type) && (!one.uses || one.operation === walk.operation);
    });
    const chosen = fitting.length > 0 && random.chance(0.6) ? random.pick(fitting) : newFragment(walk, type, depth);
    walk.uses += chosen.uses ? 1 : 0;
    return `...${chosen.name}${directives(walk, 'FRAGMENT_SPREAD')}`;
}

/** A fragment is known to others when it is complete, so none goes in circles. */
function newFragment(walk, parent, depth) {
    const { random } = walk;
    const type = condition(walk, parent);
    const before = walk.uses;
    const body = selections(walk, type, new Map(), depth);
    const marked = directives(walk, 'FRAGMENT_DEFINITION');
    const name = `F${walk.fragments.length}`;
    walk.written.push(`${described(random)}fragment ${name} on ${type}${marked} ${body}`);
    const fragment = { name, type, uses: walk.uses > before, operation: walk.operation };
    walk.fragments.push(fragment);
    return fragment;
}
