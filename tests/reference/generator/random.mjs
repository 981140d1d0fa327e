// Turns a seed into choices, the same ones on every machine (mulberry32).

/** Choices that follow each other from one seed of 32 bits. */
export function choices(seed) {
    let state = seed >>> 0;
    const next = () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let mixed = Math.imul(state ^ (state >>> 15), state | 1);
        mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
        return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    };
    const below = (count) => Math.floor(next() * count);
    return {
        below,
        between: (least, most) => least + below(most - least + 1),
        chance: (share) => next() < share,
        pick: (list) => list[below(list.length)],
        shuffled(list) {
            const rest = [...list];
            return list.map(() => rest.splice(below(rest.length), 1)[0]);
        },
    };
}
