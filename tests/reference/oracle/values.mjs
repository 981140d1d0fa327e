// Turns an argument's place in the schema into values for it: literals, or variables with what a request may give.

import { getNullableType, isListType, isNonNullType } from 'graphql';

const UNKNOWN_ID = 'e9999999-0000-4000-8000-000000000000';
const NO_UUIDS = [
    '',
    ' ',
    '1',
    42,
    0,
    'null',
    'd2000000',
    'no uuid',
    "'; --",
    '"\\',
    'é💥\u2028',
    '\t',
    'x'.repeat(300),
];

/** Chance with a seed (mulberry32): the same seed gives the same operations everywhere. */
export class Chance {
    constructor(seed) {
        this.state = seed >>> 0;
    }
    next() {
        this.state = (this.state + 0x6d2b79f5) >>> 0;
        let t = this.state;
        t = Math.imul(t ^ (t >>> 15), t | 1);
        t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
        return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    }
    odds(likelihood) {
        return this.next() < likelihood;
    }
    int(least, most) {
        return least + Math.floor(this.next() * (most - least + 1));
    }
    one(list) {
        return list[this.int(0, list.length - 1)];
    }
    shuffled(list) {
        return list
            .map((item) => [this.next(), item])
            .sort((a, b) => a[0] - b[0])
            .map(([, item]) => item);
    }
}

/** Ids to ask for: mostly the tenant's own of the wanted kind, else of other kinds and tenants, unknown, or no UUID. */
function drawId(chance, { data, cursors }, caller, table) {
    const kind = chance.odds(0.9) ? table : chance.one(['tenants', 'users', 'posts', 'comments', 'logs']);
    const own = data[kind].filter((row) => row.fk_tenant === caller.tenant?.pk_tenant);
    const place = chance.next();
    if (place < 0.04) return chance.one(NO_UUIDS);
    if (place < 0.06) return UNKNOWN_ID;
    if (place < 0.07) return cursors.any(chance, 'Query.posts');
    const busy = caller.busiest?.[kind];
    if (busy && place < 0.3) return chance.one(busy);
    const { id } = chance.one(place < 0.8 && own.length ? own : data[kind]);
    return chance.odds(0.1) ? id.toUpperCase() : id;
}

/** Ids of what the tenant's audit log is about, those that are in it often as likely as others. */
function drawEntity(chance, world, caller) {
    const own = world.data.logs.filter((row) => row.fk_tenant === caller.tenant?.pk_tenant);
    if (own.length && chance.odds(0.8)) return chance.one(own).entity_id;
    return drawId(chance, world, caller, chance.one(['posts', 'comments', 'users', 'tenants']));
}

/** What values an argument takes, by its coordinate or its name; arguments of one kind can share a variable. */
export function kindOf(type, field, argument, world, caller) {
    const id = (table) => ({ name: table, draw: (chance) => drawId(chance, world, caller, table) });
    const list = `${type}.${field}`;
    const cursor = { name: `cursor of ${list}`, draw: (chance) => world.cursors.any(chance, list) };
    const boolean = { name: 'boolean', draw: (chance) => chance.odds(0.5) };
    const { tenant } = caller;
    const kinds = {
        'post.id': id('posts'),
        'user.id': id('users'),
        'node.id': {
            name: 'node',
            draw: (chance) =>
                drawId(chance, world, caller, chance.one(['posts', 'users', 'comments', 'tenants', 'logs'])),
        },
        '__type.name': {
            name: 'type',
            draw: (chance) =>
                chance.one(['Query', 'Post', 'Node', 'DateTime', 'PageInfo', '__Type', 'Nothing', 'Int', '']),
        },
        postId: id('posts'),
        authorId: id('users'),
        userId: id('users'),
        entityId: { name: 'entity', draw: (chance) => drawEntity(chance, world, caller) },
        entityType: {
            name: 'type of entity',
            draw: (chance) => chance.one(['post', 'post', 'comment', 'user', 'tenant', 'Post', '', "'; --"]),
        },
        tenantId: {
            name: 'tenant',
            draw: (chance) => chance.one([tenant.id, tenant.identifier, tenant.id.toUpperCase()]),
        },
        after: cursor,
        before: cursor,
        published: boolean,
        includeDeprecated: boolean,
    };
    const kind = kinds[`${field}.${argument}`] ?? kinds[argument];
    if (!kind) throw new Error(`the oracle has no values for ${type}.${field}(${argument}:)`);
    return kind;
}

/** A page's size up to `most`, often just that. */
export const sizeKind = (most) => ({
    name: `size ${most}`,
    draw: (chance) => (chance.odds(0.5) ? most : chance.int(0, most)),
});

/** A string literal, its characters as they are or escaped in one of the ways that the syntax has. */
function stringLiteral(text, chance) {
    if (chance.odds(0.1) && /^[\w-]+$/.test(text)) return `"""${chance.one(['', '\n', '  \n  '])}${text}"""`;
    const plain = JSON.stringify(text);
    if (!chance.odds(0.15) || !/^"[\w-]+"$/.test(plain)) return plain;
    const at = chance.int(0, text.length - 1);
    const code = text.charCodeAt(at).toString(16);
    const escaped = chance.odds(0.5) ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
    return `"${text.slice(0, at)}${escaped}${text.slice(at + 1)}"`;
}

export function literal(value, chance) {
    if (Array.isArray(value)) return `[${value.map((item) => literal(item, chance)).join(', ')}]`;
    return typeof value === 'string' ? stringLiteral(value, chance) : String(value);
}

/** A value of the type: where the type is a list, a list of one, or the one itself (spec 3.11). */
export function drawFor(type, kind, chance) {
    const value = kind.draw(chance);
    return isListType(getNullableType(type)) && chance.odds(0.5) ? [value] : value;
}

/**
 * The variables of one operation. A variable is `sure` if no request gives null for it or leaves it without a value:
 * only such a one fits a non-null place, declared non-null, or with a default.
 */
export class Variables {
    constructor(chance) {
        this.chance = chance;
        this.list = [];
    }

    /** A variable for a place; an earlier one where it fits. */
    use(type, kind, sure) {
        const name = String(getNullableType(type));
        const known = this.list.filter((v) => v.kind.name === kind.name && v.type === name && (v.sure || !sure));
        if (known.length && this.chance.odds(0.5)) return this.chance.one(known);
        const variable = { name: `v${this.list.length + 1}`, type: name, kind, sure: sure || this.chance.odds(0.4) };
        variable.draw = (chance) => drawFor(type, kind, chance);
        const given = this.chance.odds(0.4);
        variable.nonNull = variable.sure && (!given || this.chance.odds(0.5));
        if (given)
            variable.default = literal(
                variable.sure || this.chance.odds(0.7) ? variable.draw(this.chance) : null,
                this.chance,
            );
        this.list.push(variable);
        return variable;
    }

    /** A variable that is always null, in one way or another. */
    nothing(type) {
        const variable = {
            name: `v${this.list.length + 1}`,
            type: String(getNullableType(type)),
            kind: { name: 'nothing' },
            sure: false,
        };
        variable.draw = () => null;
        if (this.chance.odds(0.3)) variable.default = 'null';
        this.list.push(variable);
        return variable;
    }

    definitions() {
        const written = this.list.map(
            (v) => `$${v.name}: ${v.type}${v.nonNull ? '!' : ''}${v.default === undefined ? '' : ` = ${v.default}`}`,
        );
        return written.length ? `(${written.join(this.chance.one([', ', ' ', '\n  ']))})` : '';
    }
}

/** What one request gives for the variables of an operation; undefined is nothing at all. */
export function given(variables, chance) {
    const values = {};
    for (const v of variables) {
        const way = chance.next();
        if (v.default !== undefined && way < 0.35) continue;
        if (!v.sure && way < 0.5) continue;
        values[v.name] = !v.sure && way < 0.65 ? null : v.draw(chance);
    }
    if (chance.odds(0.05)) values.notDeclared = { any: ['thing', 1, null] };
    return Object.keys(values).length || chance.odds(0.3) ? values : undefined;
}

/** Whether a null at this place of the schema is an error. */
export const mustBeGiven = (argument) => isNonNullType(argument.type);
