// Turns a document's text into the same tokens laid out another way, or into tokens that are no document any more.
import { Lexer, Source, TokenKind, print } from 'graphql';

/** The tokens of a text as they are written. */
export function tokensOf(text) {
    const lexer = new Lexer(new Source(text));
    const found = [];
    while (lexer.advance().kind !== TokenKind.EOF) {
        found.push(text.slice(lexer.token.start, lexer.token.end));
    }
    return found;
}

const isWord = (token) => /^[\w-]/.test(token);

/** Whether two tokens would be one, or a wrong one, without something between them. */
const stick = (one, next) => {
    return (isWord(one) && (isWord(next) || next === '...')) || (one.endsWith('"') && next.startsWith('"'));
};

/** Tokens on a line as people write them. */
function line(tokens) {
    return tokens.reduce((text, token, at) => {
        const before = tokens[at - 1];
        const tight =
            at === 0 ||
            /^[:!)\]]$/.test(token) ||
            /^[($[@]$/.test(before) ||
            before === '...' ||
            (token === '(' && isWord(before));
        return text + (tight && !(before === '...' && token === 'on') ? '' : ' ') + token;
    }, '');
}

/** Tokens with nothing between them but what keeps them apart. */
const tight = (tokens) =>
    tokens.reduce((text, token, at) => text + (at > 0 && stick(tokens[at - 1], token) ? ' ' : '') + token, '');

const gaps = [' ', '  ', ',', ', ,', '\n', '\r\n', '\r', '\t', '\n\n  ', ' # aside\n', '#"\r\n', '\n#{ é😀\n'];

/** Tokens with anything between them that does not count. */
const odd = (random, tokens) => {
    const start = random.chance(0.3) ? '\ufeff' : '';
    return start + tokens.map((token) => token + (random.chance(0.7) ? ' ' : random.pick(gaps))).join('');
};

/** The document's text in one of the ways to write it, most often on one line. */
export function laidOut(random, document) {
    const text = print(document);
    const way = random.below(100);
    if (way < 20) {
        return text;
    }
    const tokens = tokensOf(text);
    if (way < 75) {
        return line(tokens);
    }
    return way < 85 ? tokens.join(' ') : way < 92 ? tight(tokens) : odd(random, tokens);
}

const punctuation = [
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    ':',
    '=',
    '!',
    '$',
    '@',
    '...',
    '|',
    '&',
    '"',
    '"""',
    '.',
    '..',
    '?',
    '%',
    '\\',
    "'",
];
const others = [
    '0x1',
    '01',
    '1.',
    '.5',
    '1e',
    '-',
    '1a',
    '"\\q"',
    '"\\u00"',
    '"\\u{110000}"',
    '"\\uD800"',
    '"a',
    '"a\n"',
    'é',
    '\u0007',
    '\u00a0',
];

/** Ways to take a document's tokens apart; each changes the list. */
const breaks = [
    (random, tokens) => tokens.splice(random.below(tokens.length), 1),
    (random, tokens) => tokens.splice(random.below(tokens.length), 1),
    (random, tokens) => tokens.splice(random.below(tokens.length), 0, random.pick(tokens)),
    (random, tokens) => tokens.splice(random.below(tokens.length), 0, random.pick(punctuation)),
    (random, tokens) => tokens.splice(random.below(tokens.length), 0, random.pick(others)),
    (random, tokens) => tokens.splice(random.below(tokens.length), 1, random.pick([...punctuation, ...others])),
    (random, tokens) => tokens.splice(random.below(tokens.length)),
    (random, tokens) =>
        tokens.push(random.pick([...punctuation, 'query', 'fragment', 'fragment F on', 'type', '{}', 'x'])),
    (random, tokens) => {
        const at = random.below(tokens.length - 1);
        tokens.splice(at, 2, tokens[at + 1], tokens[at]);
    },
    (random, tokens) => {
        // An empty pair of brackets.
        const opened = [...tokens.keys()].filter((at) => /^[({[]$/.test(tokens[at]));
        const at = random.pick(opened);
        const closed = tokens.findIndex((token, later) => later > at && /^[)}\]]$/.test(token));
        tokens.splice(at + 1, closed - at - 1);
    },
];

/** A text that is most often no document, a token away from one. */
export function broken(random, document) {
    const tokens = tokensOf(print(document));
    random.pick(breaks)(random, tokens);
    return random.chance(0.6) ? line(tokens) : random.chance(0.7) ? tokens.join(' ') : tokens.join('\n');
}
