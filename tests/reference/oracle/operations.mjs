// Turns the public schema into valid operations, at random from a seed: what a caller may ask for, within the limits.

import {
    doTypesOverlap,
    getNamedType,
    GraphQLBoolean,
    GraphQLNonNull,
    isAbstractType,
    isCompositeType,
    isIntrospectionType,
    isLeafType,
    isListType,
    getNullableType,
    parse,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    validate,
} from 'graphql';
import { isKnown, mayAsk } from './resolvers.mjs';
import { measure, withinLimits } from './measure.mjs';
import { drawFor, kindOf, literal, mustBeGiven, sizeKind, Variables } from './values.mjs';

const SIZES = ['first', 'last', 'limit'];
const DEFAULT_SIZE = 20;
const PAGES = [0, 1, 2, 3, 5, 8, 21, 50, 100];
const KEYS = ['a', 'b', 'c', 'id', 'name', 'title', '__x', 'Post', 'on2', 'null', 'true', 'fragment', 'posts', 'data'];
// Chosen more often: what is seldom reached by chance alone, such as the live comments of a deleted post.
const OFTEN = [
    'Query.deletedPosts',
    'Query.auditLogs',
    'AuditLogConnection.nodes',
    'AuditLog.changes',
    'Post.comments',
    'Comment.post',
    'PageInfo.hasNextPage',
    'PageInfo.hasPreviousPage',
];
const GAPS = [' ', '\n', ', ', '\t', ' # "comment" }\n', '\r\n', ' ,,\uFEFF '];

/**
 * Makes one operation. A *frame* is an object of the answer: what stands in it by response key, so that fields merge
 * and never conflict (spec 5.3.2). `budget` is how many rows a list may still have.
 */
class Maker {
    constructor(world, chance, caller) {
        Object.assign(this, { world, chance, caller, schema: world.schema });
        this.variables = new Variables(chance);
        this.fragments = new Map();
        this.coordinates = new Set();
        this.left = chance.int(5, 120);
        this.gap = chance.odds(0.5) ? ' ' : chance.one(GAPS);
    }

    /** The fields of a type that the caller may ask for and the reference can answer. */
    fields(type, depth) {
        const all = type.getFields ? Object.values(type.getFields()) : [];
        const found = all.filter(
            (field) =>
                isKnown(type.name, field.name) &&
                mayAsk(this.caller, `${type.name}.${field.name}`) &&
                (isLeafType(getNamedType(field.type)) || (depth > 1 && this.left > 0)),
        );
        if (type === this.schema.getQueryType() && this.world.introspection && this.chance.odds(0.15)) {
            found.push(SchemaMetaFieldDef, TypeMetaFieldDef);
        }
        return found;
    }

    /** A literal or a variable; `sure` where null is no choice. */
    value(type, kind, sure) {
        if (!sure && this.chance.odds(0.08)) return 'null';
        if (this.chance.odds(0.5)) return literal(drawFor(type, kind, this.chance), this.chance);
        return `$${this.variables.use(type, kind, sure).name}`;
    }

    nothing(type) {
        return this.chance.odds(0.5) ? 'null' : `$${this.variables.nothing(type).name}`;
    }

    /** The sizes with their texts: at most one is given, those beside it are null. Also how many rows there can be. */
    sizes(field, budget) {
        const sizes = field.args.filter(({ name }) => SIZES.includes(name));
        if (!sizes.length) return { found: [], rows: 1 };
        const fits = PAGES.filter((page) => page <= budget);
        const rows = this.chance.one(fits.length > 2 && this.chance.odds(0.7) ? fits.slice(2) : fits);
        const absent = budget >= DEFAULT_SIZE && this.chance.odds(0.3);
        const active = absent ? null : this.chance.one(sizes);
        const found = active
            ? [[active, this.value(active.type, sizeKind(rows), budget < DEFAULT_SIZE || this.chance.odds(0.6))]]
            : [];
        for (const other of sizes) {
            if (other !== active && this.chance.odds(0.07)) found.push([other, this.nothing(other.type)]);
        }
        return { found, rows: budget >= DEFAULT_SIZE ? Math.max(rows, DEFAULT_SIZE) : rows };
    }

    /** The arguments of a field as text, and how many rows it can have. */
    args(type, field, budget) {
        const { found, rows } = this.sizes(field, budget);
        for (const argument of field.args.filter(({ name }) => !SIZES.includes(name))) {
            const required = mustBeGiven(argument);
            if (!required && !this.chance.odds(0.35)) continue;
            const kind = kindOf(type.name, field.name, argument.name, this.world, this.caller);
            if (kind.name === 'tenant') this.coordinates.add('its own tenant');
            found.push([argument, this.value(argument.type, kind, required)]);
        }
        const coordinate = `${type.name}.${field.name}`;
        [coordinate, ...found.map(([{ name }]) => `${coordinate}(${name}:)`)].forEach((it) => this.coordinates.add(it));
        return { texts: this.chance.shuffled(found).map(([{ name }, text]) => `${name}: ${text}`), rows };
    }

    directives(likelihood) {
        const names = ['skip', 'include'].filter(() => this.chance.odds(likelihood));
        const type = new GraphQLNonNull(GraphQLBoolean);
        return this.chance.shuffled(names).map((name) => {
            // One variable can switch both; most things are there, so that the answers are full.
            const kind = { name: 'switch', draw: (chance) => chance.odds(0.7) === (name === 'include') };
            return `@${name}(if: ${this.value(type, kind, true)})`;
        });
    }

    /** A response key for a field: its name, or an alias that nothing else has. */
    key(frame, type, name, args, returns) {
        const fits = (key) => {
            const there = frame.get(key);
            return !there || compatible(there, { type, name, args, returns });
        };
        const alias = this.chance.one(KEYS);
        if (this.chance.odds(0.2) && fits(alias)) return alias;
        if (fits(name)) return name;
        for (let n = 1; ; n += 1) if (fits(`${name}${n}`)) return `${name}${n}`;
    }

    field(type, frame, depth, budget) {
        const fields = this.fields(type, depth);
        const composite = fields.filter((field) => isCompositeType(getNamedType(field.type)));
        const some = composite.length && this.chance.odds(0.6) ? composite : fields;
        const often = some.filter((field) => OFTEN.includes(`${type.name}.${field.name}`));
        const from = [...some, ...often, ...often];
        const definition = from.length && !this.chance.odds(0.12) ? this.chance.one(from) : null;
        if (!definition) return this.leaf(type, frame, '__typename', [], 'String!');
        const returned = getNamedType(definition.type);
        const { texts, rows } = this.args(type, definition, budget);
        const leaf = this.leaf(type, frame, definition.name, texts, String(definition.type));
        if (!isCompositeType(returned)) return leaf;
        const meta = isIntrospectionType(returned);
        const inner = {
            depth: meta ? Math.min(depth - 1, 5) : depth - 1,
            budget: Math.floor(budget / Math.max(rows, 1)),
        };
        Object.assign(frame.get(leaf.key), { rows, inner, returned });
        return { ...leaf, rows, selections: this.inside(frame.get(leaf.key)) };
    }

    leaf(type, frame, name, args, returns) {
        const key = this.key(frame, type, name, args, returns);
        if (!frame.has(key)) frame.set(key, { type, name, args, returns, frame: new Map() });
        this.left -= 1;
        return {
            kind: 'field',
            type,
            key,
            name,
            args,
            returns,
            directives: this.directives(0.08),
            rows: 1,
            selections: null,
        };
    }

    /** What is selected below a field; an interface's objects always say what they are. */
    inside({ returned, frame, inner }) {
        const selections = this.selections(returned, frame, inner.depth, inner.budget);
        if (isAbstractType(returned))
            selections.push({ ...this.leaf(returned, frame, '__typename', [], 'String!'), directives: [] });
        return selections;
    }

    /** A field that is there already, with other fields below it. */
    again(type, frame) {
        const there = [...frame].filter(([, field]) => field.type === type);
        if (!there.length) return null;
        const [key, { name, args, returns, rows = 1, returned, inner, frame: below }] = this.chance.one(there);
        const selections = returned ? this.inside({ returned, frame: below, inner }) : null;
        const directives = this.directives(0.15);
        return {
            kind: 'field',
            type,
            key,
            name,
            args: this.chance.shuffled(args),
            returns,
            directives,
            rows,
            selections,
        };
    }

    /** A type that a fragment at a place of this type can be on. */
    condition(type) {
        const composite = Object.values(this.schema.getTypeMap()).filter(
            (other) => isCompositeType(other) && doTypesOverlap(this.schema, type, other),
        );
        return isAbstractType(type) || this.chance.odds(0.3) ? this.chance.one(composite) : type;
    }

    inline(type, frame, depth, budget) {
        const on = this.chance.odds(0.3) ? null : this.condition(type);
        const directives = this.directives(0.2);
        return {
            kind: 'inline',
            on: on?.name,
            directives,
            selections: this.selections(on ?? type, frame, depth, budget),
        };
    }

    spread(type, frame, depth, budget) {
        const fitting = [...this.fragments].filter(
            ([, { on, selections }]) => doTypesOverlap(this.schema, type, on) && mergeable(this, frame, selections),
        );
        const directives = this.directives(0.2);
        if (fitting.length && this.chance.odds(0.6)) {
            const [name, { selections }] = this.chance.one(fitting);
            enter(this, frame, selections);
            return { kind: 'spread', name, directives };
        }
        const on = this.condition(type);
        const selections = this.selections(on, frame, depth, budget);
        const name = `${this.chance.one(['F', 'f', 'query', 'Post', '_'])}${this.fragments.size + 1}`;
        this.fragments.set(name, { on, selections });
        return { kind: 'spread', name, directives };
    }

    selections(type, frame, depth, budget) {
        const parts = [];
        for (let n = this.chance.int(1, 4); n > 0; n -= 1) {
            const way = this.chance.next();
            const repeated = way >= 0.9 ? this.again(type, frame) : null;
            if (repeated) parts.push(repeated);
            else if (way < 0.7 || this.left < 0) parts.push(this.field(type, frame, depth, budget));
            else if (way < 0.8) parts.push(this.inline(type, frame, depth, budget));
            else parts.push(this.spread(type, frame, depth, budget));
        }
        return parts;
    }

    /** The text of a selection set. */
    print(selections) {
        const parts = selections.map((part) => {
            const tail = part.directives.length ? ` ${part.directives.join(' ')}` : '';
            if (part.kind === 'spread') return `...${this.gap}${part.name}${tail}`;
            if (part.kind === 'inline')
                return `...${part.on ? ` on ${part.on}` : ''}${tail}${this.print(part.selections)}`;
            const alias = part.key === part.name ? '' : `${part.key}: `;
            const args = part.args.length ? `(${part.args.join(this.gap)})` : '';
            return `${alias}${part.name}${args}${tail}${part.selections ? this.print(part.selections) : ''}`;
        });
        return ` {${this.gap}${parts.join(this.gap)}${this.gap}}`;
    }

    operation() {
        const query = this.schema.getQueryType();
        const selections = this.selections(
            query,
            new Map(),
            this.chance.int(2, 11),
            this.chance.one([20, 100, 1000, 4000]),
        );
        const fragments = [...this.fragments].map(
            ([name, it]) => `fragment ${name} on ${it.on.name}${this.print(it.selections)}`,
        );
        const name = this.chance.odds(0.5) ? 'Main' : '';
        const head =
            name || this.variables.list.length || this.chance.odds(0.5)
                ? `query ${name}${this.variables.definitions()}`
                : '';
        const others = name && this.chance.odds(0.2) ? ['query Other { __typename }'] : [];
        const operationName = others.length || (name && this.chance.odds(0.3)) ? name : undefined;
        const text = this.chance.shuffled([head + this.print(selections), ...fragments, ...others]).join('\n');
        return {
            text,
            operationName,
            variables: this.variables.list,
            coordinates: this.coordinates,
            size: measure(selections, this.fragments),
        };
    }
}

/** Whether two fields of one response key merge: fields of different objects may differ if their answers look alike. */
function compatible(there, other) {
    const same = there.name === other.name && String([...there.args].sort()) === String([...other.args].sort());
    if (same && there.returns === other.returns) return true;
    if (there.type === other.type || isAbstractType(there.type) || isAbstractType(other.type)) return false;
    return there.returns === other.returns && !there.returned && isShapeless(other);
}

const isShapeless = ({ returns }) => /^(ID|String|Boolean|Int|DateTime)!?$/.test(returns);

/** Whether the fields of a fragment merge with those of a frame. */
function mergeable(maker, frame, selections) {
    return selections.every((part) => {
        if (part.kind === 'inline') return mergeable(maker, frame, part.selections);
        if (part.kind === 'spread') return mergeable(maker, frame, maker.fragments.get(part.name).selections);
        const there = frame.get(part.key);
        if (!there) return true;
        return compatible(there, part) && (!part.selections || mergeable(maker, there.frame, part.selections));
    });
}

/** Notes in a frame what a fragment adds to it. */
function enter(maker, frame, selections) {
    for (const part of selections) {
        if (part.kind === 'inline') enter(maker, frame, part.selections);
        else if (part.kind === 'spread') enter(maker, frame, maker.fragments.get(part.name).selections);
        else {
            if (!frame.has(part.key)) frame.set(part.key, { ...part, frame: new Map() });
            if (part.selections) enter(maker, frame.get(part.key).frame, part.selections);
        }
    }
}

/** One valid operation within the limits, with its document. */
export function makeOperation(world, chance, caller) {
    for (let attempt = 0; attempt < 1000; attempt += 1) {
        const made = new Maker(world, chance, caller).operation();
        if (!withinLimits(made.size, made.text)) continue;
        const document = parse(made.text);
        if (validate(world.schema, document).length === 0) return { ...made, document, attempt };
    }
    throw new Error('a thousand operations in a row were not valid or too large');
}
