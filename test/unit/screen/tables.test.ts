/** The tables and the screen agree: every command can be reached, and every key that is named is one that works. */
import { readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { packageRoot } from "../../../core/domain/package-root.ts"
import { COMMANDS } from "../../../tui/screen/commands.ts"
import { isPossible } from "../../../tui/screen/command.ts"
import { EMPTY_COMPOSER } from "../../../tui/screen/composer.ts"
import { KEY_ACTIONS, keyMap } from "../../../tui/screen/key-map.ts"
import { PRESETS, isPreset } from "../../../tui/screen/key-presets.ts"
import { listItems } from "../../../tui/screen/lists.ts"
import { startState } from "../../../tui/screen/start-state.ts"

const ROOM = join(packageRoot(), "tui", "screen")
/** Where keys are named because they are defined, or read from the terminal. */
const TABLES = ["key-actions.ts", "key-names.ts", "key-presets.ts", "key-sequences.ts", "key-decoder.ts", "key-file.ts"]
const KEY_TEXT = /\b(?:ctrl|alt|shift)\+\S|\bF\d{1,2}\b/
const IDS = [...COMMANDS, ...KEY_ACTIONS].map(({ id }) => id)

interface Source {
  readonly name: string
  /** Without comments, and without the keys of the table's rows. */
  readonly code: string
}

const sources: readonly Source[] = readdirSync(ROOM, { recursive: true, encoding: "utf8" })
  .filter((name) => /\.tsx?$/.test(name) && !TABLES.includes(name))
  .map((name) => {
    const code = readFileSync(join(ROOM, name), "utf8")
      .replaceAll(/\/\*\*[^]*?\*\//g, "")
      .replaceAll(/^\s*\/\/.*$/gm, "")
      .replaceAll(/\b(?:keys|bareKeys): \[[^\]]*\]/g, "")
    return { name, code }
  })

describe("the tables", () => {
  it("have no id and no slash name twice, and none that could be taken for a text", () => {
    expect(IDS.filter((id, at) => IDS.indexOf(id) !== at)).toEqual([])
    const slashes = COMMANDS.flatMap(({ slash = [] }) => slash)
    expect(slashes.filter((name, at) => slashes.indexOf(name) !== at)).toEqual([])
    for (const name of slashes) expect(name).toMatch(/^[a-z][a-z-]*$/)
  })

  it("make every command reachable without its key: by its name, or in the list of all commands", () => {
    const state = startState({ columns: 80, rows: 24 }, 0)
    const listed = listItems(state, { kind: "list", list: "palette", query: EMPTY_COMPOSER, at: 0 }).map(
      ({ key }) => key,
    )
    const possible = COMMANDS.filter((command) => isPossible(command, state) && command.id !== "message.send")
    expect(listed).toEqual(possible.map(({ id }) => id))
    expect(COMMANDS.find(({ id }) => id === "message.send")?.keys).toContain("enter")
  })

  it("title every row, each differently", () => {
    const titles = [...COMMANDS, ...KEY_ACTIONS].map(({ title }) => title)
    expect(titles.filter((title, at) => title === "" || titles.indexOf(title) !== at)).toEqual([])
  })
})

describe("the screen", () => {
  it("takes every key it names from the tables", () => {
    const named = sources.filter(({ code }) => KEY_TEXT.test(code))
    expect(named.map(({ name, code }) => `${name}: ${KEY_TEXT.exec(code)?.[0] ?? ""}`)).toEqual([])
  })

  it("names keys of ids that exist, and that have a key in every preset", () => {
    const asked = sources.flatMap(({ code }) =>
      [
        ...code.matchAll(/\b(?:key\w+|bare\w+)\(\s*(?:[\w.()#]+,\s*)"([\w.]+)"/g),
        ...code.matchAll(/\["(\w+\.\w+)", "/g),
      ].map(([, id = ""]) => id),
    )
    expect(asked.length).toBeGreaterThan(15)
    for (const preset of Object.keys(PRESETS).filter(isPreset)) {
      const { names } = keyMap(COMMANDS, { preset, keys: {} })
      for (const id of asked) expect(names[id]?.length, `${preset} ${id}`).toBeGreaterThan(0)
    }
  })
})
