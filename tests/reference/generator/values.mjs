// Turns an input type into a literal of a query, or into a value of the variables' JSON.
import {
    getNullableType,
    isEnumType,
    isInputObjectType,
    isListType,
    isNonNullType,
    isRequiredInputField,
} from 'graphql';

const words = ['', 'a', 'hello', 'two words', 'é€😀', 'free', 'admin', '{ id }', '# no comment', '$v0'];
const times = ['2026-01-01T00:00:00Z', '2026-11-23T10:15:00.123456Z', '2024-02-29T23:59:59+02:00'];

const uuid = (random) => `00000000-0000-4000-8000-${String(random.below(1000)).padStart(12, '0')}`;

const int = (random) =>
    random.chance(0.8) ? random.between(0, 5) : random.pick([10, 100, -1, 2147483647, -2147483648]);

/** A string as JSON writes it, and in the other ways that GraphQL has. */
function string(random, text) {
    const plain = JSON.stringify(text);
    const escaped = [...plain].map((char) => (/[a-z]/.test(char) ? `\\u{${char.codePointAt(0).toString(16)}}` : char));
    const ways = [plain, plain, plain, plain, `"""${text}"""`, `"""\n  ${text}\n"""`, escaped.join('')];
    return random.pick(ways);
}

const scalars = {
    Int: { literal: (random) => String(int(random)), json: int },
    Float: {
        literal: (random) => random.pick(['0', '-1', '2', '1.5', '-0.25', '1e3', '6.02E+23']),
        json: (random) => random.pick([0, -1, 1.5, 1e21]),
    },
    String: { literal: (random) => string(random, random.pick(words)), json: (random) => random.pick(words) },
    Boolean: { literal: (random) => String(random.chance(0.5)), json: (random) => random.chance(0.5) },
    ID: {
        literal: (random) => random.pick([JSON.stringify(uuid(random)), '"acme"', '1', '"7"']),
        json: (random) => random.pick([uuid(random), 'acme', 1]),
    },
    DateTime: { literal: (random) => JSON.stringify(random.pick(times)), json: (random) => random.pick(times) },
    UUID: { literal: (random) => JSON.stringify(uuid(random)), json: uuid },
    JSON: {
        literal: (random) => random.pick(['{a: 1, b: [true, null]}', '[]', '"x"', '1.5', '{}', '[1, {a: {b: "c"}}]']),
        json: (random) => random.pick([{ a: 1, b: [true, null] }, [], 'x', 1.5]),
    },
};

/** Scalars that nobody told us of are written as strings. */
const scalar = (type) => scalars[type.name] ?? scalars.String;

/**
 * A good literal of a type. `variable(type, hasDefault, strict)` may give a variable to stand for it or for a part of it;
 * strict is where null may not be, though the type has it: in a `@oneOf`.
 */
export function literal(random, type, variable, hasDefault = false, strict = false) {
    const name = variable(type, hasDefault, strict);
    if (name !== undefined) {
        return name;
    }
    if (!isNonNullType(type) && !strict && random.chance(0.08)) {
        return 'null';
    }
    const inner = getNullableType(type);
    if (isListType(inner)) {
        return list(random, inner.ofType, variable);
    }
    if (isInputObjectType(inner)) {
        return object(random, inner, variable);
    }
    return isEnumType(inner) ? random.pick(inner.getValues()).name : scalar(inner).literal(random);
}

function list(random, item, variable) {
    const one = () => literal(random, item, variable);
    if (random.chance(0.2)) {
        const alone = one();
        // In a list of lists, brackets or a variable would be taken for the outer list.
        return /^(null$|\$|\[)/.test(alone) ? `[${alone}]` : alone;
    }
    return `[${Array.from({ length: random.below(4) }, one).join(random.pick([', ', ' ']))}]`;
}

/** Which fields of an input object are given: one of a `@oneOf`, else what is required and fewer of the others inside. */
function given(random, type) {
    const fields = Object.values(type.getFields());
    if (type.isOneOf) {
        return [random.pick(fields)];
    }
    return random.shuffled(fields.filter((field) => isRequiredInputField(field) || random.chance(0.8 / fields.length)));
}

function object(random, type, variable) {
    const fields = given(random, type).map((field) => {
        return `${field.name}: ${literal(random, field.type, variable, field.defaultValue !== undefined, type.isOneOf)}`;
    });
    return `{${fields.join(', ')}}`;
}

/** A good value of a type as JSON. */
export function json(random, type, strict = false) {
    if (!isNonNullType(type) && !strict && random.chance(0.15)) {
        return null;
    }
    const inner = getNullableType(type);
    if (isListType(inner)) {
        return Array.from({ length: random.below(3) }, () => json(random, inner.ofType));
    }
    if (isInputObjectType(inner)) {
        return Object.fromEntries(
            given(random, inner).map((field) => [field.name, json(random, field.type, inner.isOneOf)]),
        );
    }
    return isEnumType(inner) ? random.pick(inner.getValues()).name : scalar(inner).json(random);
}
