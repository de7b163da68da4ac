/** Text from other people made safe for a terminal: no control characters, no direction overrides. */

/** All control characters but newline; bidi marks, embeddings, overrides and isolates; lone surrogates. */
const DANGEROUS = /(?!\n)\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu
const LINE_BREAKS = /\r\n?|[\u2028\u2029\u0085]/g
const REPLACEMENT = "\ufffd"

/** Several lines may remain; tabs become spaces. */
export const cleanText = (text: string): string =>
  text.replace(LINE_BREAKS, "\n").replaceAll("\t", "    ").replace(DANGEROUS, REPLACEMENT)

/** One line: names, titles. */
export const cleanLine = (text: string): string => cleanText(text).replaceAll("\n", " ")
