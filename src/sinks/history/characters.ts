/**
 * Names as columns of text, which hold no more than UTF-8 does (PostgreSQL not even all of that): what they cannot hold is written as the control
 * character SUBSTITUTE and four hexadecimal digits. It hardly ever happens, and no name is changed by it.
 */

const MARK = '\u001a';

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const ODD = /[\u0000\u001a\p{Surrogate}]/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const MARKED = /\u001a([0-9a-f]{4})/g;

export function storable(text: string): string {
  return text.replace(ODD, (character) => MARK + character.charCodeAt(0).toString(16).padStart(4, '0'));
}

/** The text that `storable` was given. */
export function restored(text: string): string {
  return text.includes(MARK)
    ? text.replaceAll(MARKED, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
    : text;
}
