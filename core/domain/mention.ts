/** How a text calls somebody: an @ before the user name. */

export interface Mention {
  readonly name: string
  /** Of the @, in UTF-16 units. */
  readonly from: number
  /** Behind the name's last letter. */
  readonly to: number
}

/** An address like a@b.example calls nobody. */
const CALL = /(?<![\p{L}\p{N}_.@-])@([a-z0-9._-]{1,64})/giu
/** What may end a name, and ends sentences too. */
const TRAILING = /[._-]$/

/** Who of `names` is called. What ends a sentence is no part of a name, unless somebody has that very name. */
export function mentionsOf(text: string, names: readonly string[]): readonly Mention[] {
  return [...text.matchAll(CALL)].flatMap((match) => {
    const name = nameAtStart((match[1] ?? "").toLowerCase(), names)
    return name === undefined ? [] : [{ name, from: match.index, to: match.index + 1 + name.length }]
  })
}

function nameAtStart(typed: string, names: readonly string[]): string | undefined {
  if (names.includes(typed)) return typed
  return TRAILING.test(typed) ? nameAtStart(typed.slice(0, -1), names) : undefined
}
