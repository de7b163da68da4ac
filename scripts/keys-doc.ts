/** Writes docs/KEYS.md from the tables of commands, key actions and presets: npx tsx scripts/keys-doc.ts */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { format } from "prettier"
import { packageRoot } from "../core/domain/package-root.ts"
import type { Command } from "../tui/screen/command.ts"
import { COMMANDS } from "../tui/screen/commands.ts"
import { KEY_SECTIONS } from "../tui/screen/key-actions.ts"
import type { KeyAction } from "../tui/screen/key-actions.ts"
import { keyMap } from "../tui/screen/key-map.ts"
import { ACCEPTED_KEYS, keyTitle } from "../tui/screen/key-names.ts"
import { PRESETS, isPreset } from "../tui/screen/key-presets.ts"

const PRESET_NAMES = Object.keys(PRESETS).filter(isPreset)
const IN_FORCE = PRESET_NAMES.map((preset) => keyMap(COMMANDS, { preset, keys: {} }).names)

const INTRODUCTION = `# Keys and commands of qpq-tui

Made from the tables (\`npm run docs\`); do not edit by hand. The screen, the help (F1) and the list of all commands (ctrl+p)
name the keys that are in force.

## Keys of your own

\`keys.toml\` in the profile folder, or the file that \`--keys FILE\` or \`QPQ_KEYS\` names, says which keys do what:

\`\`\`toml
preset = "emacs"

[keys]
"group.switch" = ["ctrl+x", "f5"]
"edit.wordLeft" = []
\`\`\`

A list takes the place of the preset's; an empty one leaves the command to its name and to the list of all commands.
An id or key that does not exist, and a key that would do two things, are told at start, all of them and with what is
accepted (E071, exit status 78).

A key is ${ACCEPTED_KEYS.map((key) => `\`${key}\``).join(" ")} or a character; the last three stand before another one.
What writes in a text, or moves in it (a character, space, the arrows, home, end, backspace, delete), works as the key of a
command where nothing is written. Esc and ctrl+c are nobody's: esc leads back, ctrl+c clears, and quits when it comes twice.
Enter and esc answer every dialog, whatever else does. Ctrl+i, ctrl+m and ctrl+[ are sent as tab, enter and esc.
`

export const KEYS_DOCUMENT = join(packageRoot(), "docs", "KEYS.md")

/** The whole file. */
export async function keysDocument(): Promise<string> {
  const presets = ["## Presets", "", ...PRESET_NAMES.map((name) => `- \`${name}\`: ${PRESETS[name].about}`), ""]
  const sections = [...new Set(COMMANDS.map(({ section }) => section))].map((section) =>
    commandTable(
      section,
      COMMANDS.filter((command) => command.section === section),
    ),
  )
  const actions = KEY_SECTIONS.map(({ title, actions: rows }) => actionTable(title, rows))
  const text = [INTRODUCTION, presets.join("\n"), ...sections, ...actions].join("\n")
  return format(text, { parser: "markdown", printWidth: 120 })
}

const keyCells = (id: string): readonly string[] =>
  IN_FORCE.map((names) => (names[id] ?? []).map((key) => `\`${keyTitle(key)}\``).join(" "))

function commandTable(section: string, commands: readonly Command[]): string {
  const rows = commands.map(({ id, title, slash = [], argument }) => [
    `\`${id}\``,
    title,
    ...keyCells(id),
    slash.map((name) => `\`/${name}${argument === undefined ? "" : ` ${argument}`}\``).join(" "),
  ])
  return table(section, ["Id", "Does", ...PRESET_NAMES, "Command"], rows)
}

const actionTable = (title: string, actions: readonly KeyAction<unknown>[]): string =>
  table(
    title,
    ["Id", "Does", ...PRESET_NAMES],
    actions.map((action) => [`\`${action.id}\``, action.title, ...keyCells(action.id)]),
  )

function table(title: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.map(escaped).join(" | ")} |`)
  return [`## ${title}`, "", ...lines, ""].join("\n")
}

const escaped = (cell: string): string => cell.replaceAll("|", "\\|")

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(KEYS_DOCUMENT, await keysDocument())
