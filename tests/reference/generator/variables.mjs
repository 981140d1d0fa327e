// Turns a place that takes a value into a variable of the operation that may stand there, and variables into their JSON.
import { GraphQLNonNull, getNullableType, isNonNullType, isTypeSubTypeOf } from 'graphql';
import { json, literal } from './values.mjs';

/**
 * A variable for a place of a type, an old one or a new one; mostly none. `hasDefault` is whether the place has a default,
 * `strict` whether it takes no null although its type does.
 */
export function variable(walk, type, hasDefault, strict) {
    const { schema, random } = walk;
    if (!random.chance(0.25)) {
        return undefined;
    }
    const { variables } = walk.operation;
    const fits = (one) => isTypeSubTypeOf(schema, one.type, type) && (isNonNullType(one.type) || !strict);
    const fitting = variables.filter(fits);
    const chosen =
        fitting.length > 0 && random.chance(0.5) ? random.pick(fitting) : newVariable(walk, type, hasDefault, strict);
    if (!variables.includes(chosen)) {
        variables.push(chosen);
    }
    walk.uses += 1;
    return `$${chosen.name}`;
}

function newVariable({ random, operation }, type, hasDefault, strict) {
    const position = operation.variables.length;
    const name = `${random.chance(0.1) ? random.pick(['first', 'id', 'on', 'null', 'V_']) : 'v'}${position}`;
    const nullable = getNullableType(type);
    // A nullable variable may stand where null may not if either has a default other than null.
    const needed = strict || (isNonNullType(type) && !hasDefault);
    const fallback = !strict && random.chance(0.2) ? defaultValue(random, nullable) : undefined;
    const strong = (needed && fallback === undefined) || random.chance(0.15);
    return {
        name,
        type: strong ? new GraphQLNonNull(nullable) : nullable,
        fallback,
        needed: needed || isNonNullType(type),
    };
}

/** A default other than null. */
function defaultValue(random, type) {
    const value = literal(random, type, () => undefined);
    return value === 'null' ? defaultValue(random, type) : value;
}

/** The definitions of an operation's variables as text. */
export function definitions({ random, operation }, described) {
    const texts = operation.variables.map(({ name, type, fallback }) => {
        return `${described(random)}$${name}: ${type}${fallback === undefined ? '' : ` = ${fallback}`}`;
    });
    return texts.length > 0 ? `(${texts.join(random.pick([', ', ' ']))})` : '';
}

/** Values for the operation's variables, by name: those that are needed, and some of the others. */
export function valuesOf({ random, operation }) {
    const chosen = operation.variables.filter(({ type, fallback }) => {
        return (isNonNullType(type) && fallback === undefined) || random.chance(0.5);
    });
    return Object.fromEntries(chosen.map(({ name, type, needed }) => [name, json(random, type, needed)]));
}
