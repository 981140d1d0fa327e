// Turns a valid document into one that most often breaks a rule.
import { ofDefinitions } from './mutate_definitions.mjs';
import { ofInputs } from './mutate_inputs.mjs';
import { ofSelections } from './mutate_selections.mjs';

const mutations = [ofDefinitions, ofInputs, ofSelections].flatMap((rules) => Object.values(rules)).flat();

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
