/** What a person looks for in texts, and which texts answer: words, "phrases", and parts where words cannot be told apart. */

/** What stands between spaces or quotes. */
export interface SearchTerm {
  /** Folded; they follow each other. None when it has no letter and no digit. */
  readonly words: readonly string[]
  /** The last word is only begun. */
  readonly isOpen: boolean
  /** As it was written, but for capitals. */
  readonly part: string
}

export interface TextMark {
  readonly start: number
  readonly end: number
}

/** What more is asked for is not looked at. */
const TERMS_MAX = 32

const WORD = /[\p{L}\p{N}\p{Co}]/u
/** They change the letter before them. */
const ACCENT = /[\u0300-\u0304\u0306-\u030c\u030f\u0311\u031b\u0323-\u0328\u032d\u032e\u0330\u0331]/
/** Scripts that are written without spaces, and Korean, whose words have endings: as in migrations/client/0010_search.sql. */
const UNSPACED = /[\u0e00-\u109f\u1780-\u17ff\u2e80-\ua4cf\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\u{20000}-\u{33fff}]/u

/** Whether a text is searched by its parts. */
export const isUnspaced = (text: string): boolean => UNSPACED.test(upToNul(text))

/** The last word may be only begun, unless a quote closes it. All of them must be in a text that answers. */
export function searchTerms(query: string): readonly SearchTerm[] {
  const chunks = [...query.matchAll(/"([^"]*)("|$)|[^\s"]+/gu)].map(([written, quoted, quote]) => ({
    text: (quoted ?? written).replaceAll("\0", " ").trim(),
    isClosed: quote === '"',
  }))
  const named = chunks.filter(({ text }) => text !== "")
  const last = named.at(-1)
  return named.slice(0, TERMS_MAX).map((chunk) => ({
    words: wordsOf(chunk.text).map(({ word }) => word),
    isOpen: chunk === last && !chunk.isClosed,
    part: lower(chunk.text),
  }))
}

export function answers(text: string, terms: readonly SearchTerm[]): boolean {
  if (isUnspaced(text)) return hasParts(text, terms)
  const words = wordsOf(text)
  return terms.every((term) =>
    term.words.length > 0 ? placesOf(words, term).length > 0 : partPlaces(text, term.part).length > 0,
  )
}

export const hasParts = (text: string, terms: readonly SearchTerm[]): boolean => {
  const whole = lower(upToNul(text))
  return terms.every(({ part }) => whole.includes(part))
}

/** Where in the text the terms are: in order, none within another. */
export function searchMarks(text: string, terms: readonly SearchTerm[]): readonly TextMark[] {
  const [byParts, words] = [isUnspaced(text), wordsOf(text)]
  const found = terms.flatMap((term) => {
    if (byParts || term.words.length === 0) return partPlaces(text, term.part)
    return placesOf(words, term).map((at) => ({
      start: words[at]?.start ?? 0,
      end: words[at + term.words.length - 1]?.end ?? 0,
    }))
  })
  const marks: TextMark[] = []
  for (const mark of found.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    if (mark.start >= (marks.at(-1)?.end ?? 0)) marks.push(mark)
  }
  return marks
}

interface PlacedWord extends TextMark {
  readonly word: string
}

/** As FTS5's unicode61 tokenizer, which removes diacritics, tells words apart. */
function wordsOf(text: string): readonly PlacedWord[] {
  const words: PlacedWord[] = []
  let word = ""
  let [start, at] = [0, 0]
  for (const character of text) {
    if (WORD.test(character)) {
      if (word === "") start = at
      word += folded(character)
    } else if (word !== "" && !ACCENT.test(character)) {
      words.push({ word, start, end: at })
      word = ""
    }
    at += character.length
  }
  return word === "" ? words : [...words, { word, start, end: at }]
}

/** A small letter; of Latin letters without accents. */
function folded(character: string): string {
  const small = character.toLowerCase()
  const [base = "", ...marks] = small.normalize("NFD")
  if (/[a-z]/.test(base) && marks.every((mark) => /\p{M}/u.test(mark))) return base
  // Forms of one letter, as the two small sigmas.
  const plain = small.toUpperCase().toLowerCase()
  return plain.length === small.length && small !== "ı" ? plain : small
}

function placesOf(words: readonly PlacedWord[], term: SearchTerm): readonly number[] {
  const places: number[] = []
  for (let at = 0; at + term.words.length <= words.length; at += 1) if (isAt(words, at, term)) places.push(at)
  return places
}

const isAt = (words: readonly PlacedWord[], at: number, term: SearchTerm): boolean =>
  term.words.every((wanted, step) => {
    const word = words[at + step]?.word ?? ""
    const isBegun = term.isOpen && step === term.words.length - 1
    return isBegun ? word.startsWith(wanted) : word === wanted
  })

function partPlaces(text: string, part: string): readonly TextMark[] {
  const places: TextMark[] = []
  const whole = lower(upToNul(text))
  for (let at = whole.indexOf(part); at >= 0; at = whole.indexOf(part, at + part.length)) {
    places.push({ start: at, end: at + part.length })
  }
  return places
}

/** As SQLite's LIKE compares: only A to Z have small forms. */
const lower = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase())

/** As far as SQLite's GLOB and LIKE look. */
const upToNul = (text: string): string => text.split("\0", 1)[0] ?? ""
