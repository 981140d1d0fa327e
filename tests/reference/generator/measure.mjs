// Turns a document into what the default limits of src/limits.rs count of it, fragments expanded.

const most = { depth: 12, aliases: 50, roots: 20, directives: 50 };

/** Whether every operation of a valid document is within the limits. */
export function withinLimits({ definitions }) {
    const isFragment = (one) => one.kind === 'FragmentDefinition';
    const fragments = new Map(definitions.filter(isFragment).map((one) => [one.name.value, one]));
    const operations = definitions.filter((one) => one.kind === 'OperationDefinition');
    return operations
        .map((one) => measured(one, fragments))
        .every((found) => {
            return Object.keys(most).every((limit) => found[limit] <= most[limit]);
        });
}

/** Depth below a node, and aliases, directives, and fields that are not inside another, in it. */
function measured(node, fragments) {
    const inner =
        node.kind === 'FragmentSpread' ? [fragments.get(node.name.value)] : (node.selectionSet?.selections ?? []);
    const found = { depth: 0, aliases: 0, roots: 0, directives: node.directives?.length ?? 0 };
    for (const below of inner.map((one) => measured(one, fragments))) {
        found.depth = Math.max(found.depth, below.depth);
        found.aliases += below.aliases;
        found.roots += below.roots;
        found.directives += below.directives;
    }
    if (node.kind !== 'Field') {
        return found;
    }
    // Introspection is answered apart and has a limit of its own.
    const depth = node.name.value.startsWith('__') ? 0 : found.depth + 1;
    return { ...found, depth, aliases: found.aliases + (node.alias ? 1 : 0), roots: 1 };
}
