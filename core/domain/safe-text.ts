/** Text from other people made safe for a terminal: no control characters, no direction overrides. */

/** C0 but tab and newline, DEL, C1; bidi embeddings, overrides and isolates; zero-width marks that reorder; line separators. */
// eslint-disable-next-line no-control-regex
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/g
const REPLACEMENT = "\ufffd"
const LINE_BREAKS = /\r\n?|[\u2028\u2029\u0085\u000b\u000c]/g

/** Several lines may remain; tabs become spaces. */
export const cleanText = (text: string): string =>
  text.replace(LINE_BREAKS, "\n").replace(/\t/g, "    ").replace(DANGEROUS, REPLACEMENT).toWellFormed()

/** One line: names, titles. */
export const cleanLine = (text: string): string => cleanText(text).replace(/\n/g, " ")
