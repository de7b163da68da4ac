/** Text for man pages: what groff would take for commands is made plain, and what it has no letter for gets its number. */

const NAMED: Readonly<Record<string, string>> = {
  "\\": "\\e",
  "-": "\\-",
  "'": "\\(aq",
  '"': "\\(dq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
}

/** One line of text, safe anywhere in a page. */
export const roff = (text: string): string =>
  Array.from(text.replaceAll(/\s+/g, " "), (letter) => NAMED[letter] ?? numbered(letter))
    .join("")
    .replace(/^\./, "\\&.")

export const bold = (text: string): string => `\\fB${roff(text)}\\fR`

export const head = (name: string): string => `.TH ${roff(name.toUpperCase())} 1 "" "qpq\\-tui" "User Commands"\n`

export const section = (title: string, ...blocks: readonly string[]): string => `.SH ${roff(title)}\n${blocks.join("")}`

export const subsection = (title: string): string => `.SS ${roff(title)}\n`

export const paragraph = (text: string): string => `.PP\n${roff(text)}\n`

/** What is explained, already roff, and its explanation. */
export const item = (term: string, text: string): string => `.TP\n${term}\n${roff(text)}\n`

/** As typed, below an item. */
export const example = (text: string): string => `.RS\n.EX\n${roff(text)}\n.EE\n.RE\n`

function numbered(letter: string): string {
  const code = letter.codePointAt(0) ?? 0
  return code < 0x80 ? letter : `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`
}
