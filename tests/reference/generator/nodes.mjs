// Turns a document into lists of its nodes, with the types at each; and texts into nodes.
import { TypeInfo, parse, parseType, parseValue, visit, visitWithTypeInfo } from 'graphql';

const bare = { noLocation: true };

/** Nodes from texts. */
export const definitionOf = (text) => parse(text, bare).definitions[0];
export const selectionOf = (text) => definitionOf(`{ ${text} }`).selectionSet.selections[0];
export const directiveOf = (text) => selectionOf(`x ${text}`).directives[0];
export const argumentOf = (text) => selectionOf(`x(${text})`).arguments[0];
export const variableOf = (text) => definitionOf(`query (${text}) { x }`).variableDefinitions[0];
export const valueOf = (text) => parseValue(text, bare);
export const typeOf = (text) => parseType(text, bare);

export const copyOf = (node) => structuredClone(node);

/**
 * The nodes of a kind: each with the list that it is in, if it is, the node around it, and what graphql-js knows of the
 * place: the type of a field or fragment, the type around it, the type that a value must have.
 */
export function nodesOf(schema, document, kind) {
    const found = [];
    const info = new TypeInfo(schema);
    const enter = (node, key, parent, path, ancestors) => {
        if (node.kind === kind) {
            const list = Array.isArray(parent) ? parent : undefined;
            found.push({
                node,
                key,
                list,
                around: list ? ancestors.at(-1) : parent,
                type: info.getType(),
                parentType: info.getParentType(),
                inputType: info.getInputType(),
                field: info.getFieldDef(),
                argument: info.getArgument(),
                inDefault: [parent, ...ancestors].some((one) => one?.kind === 'VariableDefinition'),
            });
        }
    };
    visit(document, visitWithTypeInfo(info, { enter }));
    return found;
}
