// Turns a server into its schema: the SDL that it prints, which must be what its introspection tells.

import { buildClientSchema, buildSchema, isSpecifiedScalarType, printSchema } from 'graphql';
import { introspectionQuery } from '../judge.mjs';
import { psql, quoted } from './data.mjs';

/** Words about what every service has are not specified: the reference takes the server's. */
function adoptDescriptions(schema, told) {
    const named = (list) => new Map((list ?? []).map((item) => [item.name, item]));
    const adopt = (item, said) => {
        if (item && said) item.description = said.description;
    };
    for (const said of told.types) {
        const type = schema.getType(said.name);
        if (!said.name.startsWith('__') && !isSpecifiedScalarType(type)) continue;
        adopt(type, said);
        const [fields, values] = [named(said.fields), named(said.enumValues)];
        for (const field of Object.values(type.getFields?.() ?? {})) {
            adopt(field, fields.get(field.name));
            field.args.forEach((argument) => adopt(argument, named(fields.get(field.name)?.args).get(argument.name)));
        }
        (type.getValues?.() ?? []).forEach((value) => adopt(value, values.get(value.name)));
    }
    for (const directive of schema.getDirectives()) {
        const said = named(told.directives).get(directive.name);
        adopt(directive, said);
        directive.args.forEach((argument) => adopt(argument, named(said?.args).get(argument.name)));
    }
}

/** The schema of a database; fails if a client that asks for it would see another one than `graphql.schema()`. */
export function readSchema(database) {
    const sdl = psql(database, 'SELECT graphql.schema();').trimEnd();
    const { data, errors } = JSON.parse(psql(database, `SELECT graphql.execute(${quoted(introspectionQuery)});`));
    if (errors) throw new Error(`the introspection query is refused: ${JSON.stringify(errors)}`);
    if (printSchema(buildClientSchema(data)) !== sdl) throw new Error('introspection tells of another schema');
    const schema = buildSchema(sdl);
    adoptDescriptions(schema, data.__schema);
    return schema;
}
