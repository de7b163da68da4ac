/** Keys as people configure them: presets, a file of their own, and what is said when it cannot be obeyed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import fc from "fast-check"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { hasCode } from "../../../core/domain/errors.ts"
import { COMMANDS } from "../../../tui/screen/commands.ts"
import { keysInForce } from "../../../tui/screen/key-file.ts"
import type { KeysInForce } from "../../../tui/screen/key-file.ts"
import { KEY_ACTIONS, keyMap } from "../../../tui/screen/key-map.ts"
import { isOneCharacter, isWriting, keyName, keyOf, keyTitle } from "../../../tui/screen/key-names.ts"
import { PRESETS, isPreset } from "../../../tui/screen/key-presets.ts"

let home = ""

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "qpq-keys-"))
})

afterAll(() => {
  rmSync(home, { recursive: true, force: true })
})

function configured(text: string): Promise<KeysInForce> {
  const file = join(home, "my-keys.toml")
  writeFileSync(file, text)
  return keysInForce(COMMANDS, { home, file })
}

/** What is said of a file that cannot be obeyed. */
async function refusal(text: string): Promise<string> {
  const thrown: unknown = await configured(text).catch((error: unknown) => error)
  expect(hasCode(thrown, "E071"), String(thrown)).toBe(true)
  return String(thrown)
}

describe("the names of keys", () => {
  it.each([
    ["ctrl+k", "ctrl+k"],
    ["Ctrl+K", "ctrl+k"],
    ["Alt+Shift+g", "alt+G"],
    ["shift+alt+up", "alt+shift+up"],
    ["F5", "f5"],
    ["esc", "escape"],
    ["ctrl++", "ctrl++"],
    ["+", "+"],
    ["G", "G"],
    ["alt+é", "alt+é"],
    ["ctrl+i", "tab"],
    ["ctrl+m", "enter"],
    ["Space", "space"],
    ["PgUp", "pageup"],
  ])("%s is %s", (written, name) => {
    expect(keyName(written)).toBe(name)
  })

  it.each([
    "",
    "ctrl+",
    "hyper+k",
    "f13",
    "pageup2",
    "ctrl+ctrl+k",
    "ab",
    "\u001b",
    "shift+1",
    "shift+ß",
    "ctrl+\u0001",
  ])("%j is none", (written) => {
    expect(keyName(written)).toBeUndefined()
  })

  it("are told as people write them", () => {
    expect(["f1", "escape", "alt+up"].map(keyTitle)).toEqual(["F1", "esc", "alt+up"])
  })
})

describe("presets", () => {
  it.each(Object.keys(PRESETS))(
    "%s binds no key twice, names what exists, and leaves nothing without its keys",
    (name) => {
      if (!isPreset(name)) throw new Error(name)
      const { names } = keyMap(COMMANDS, { preset: name, keys: {} })
      for (const [id, keys] of Object.entries(PRESETS[name].keys)) {
        expect(names[id], id).toEqual(keys)
        expect(keys.map(keyName), id).toEqual(keys)
      }
      for (const { id, keys } of [...COMMANDS, ...KEY_ACTIONS]) {
        if (keys.length > 0) expect(names[id]?.length, id).toBeGreaterThan(0)
      }
    },
  )

  it("default is what the tables say", () => {
    const { commands, bare } = keyMap(COMMANDS)
    for (const { id, keys, bareKeys = [] } of COMMANDS) {
      for (const key of keys) expect(commands.get(key)?.id, key).toBe(id)
      for (const key of bareKeys) expect(bare.get(key)?.id, key).toBe(id)
    }
    expect(commands.get("ctrl+k")?.id).toBe("group.switch")
  })

  it("emacs gives ctrl+k back to the line, and switching groups has another key", () => {
    const { commands, edit, names } = keyMap(COMMANDS, { preset: "emacs", keys: {} })
    expect(edit.get("ctrl+k")).toEqual({ kind: "delete", to: "lineEnd" })
    expect(commands.has("ctrl+k")).toBe(false)
    expect(commands.get(keyOf(names, "group.switch") ?? "")?.id).toBe("group.switch")
  })

  it("vim takes letters only where nothing is written", () => {
    const { commands, edit, pane } = keyMap(COMMANDS, { preset: "vim", keys: {} })
    expect(["j", "k", "g", "G"].map((key) => pane.get(key))).toEqual(["down", "up", "first", "last"])
    expect([...commands.keys(), ...edit.keys()].filter((key) => isOneCharacter(key))).toEqual([])
  })
})

describe("a key file", () => {
  it("changes, adds and unbinds, in both ways that TOML has for a name with a dot", async () => {
    const { map, preset, file } = await configured(`
      preset = "emacs"
      [keys]
      "group.switch" = ["Ctrl+X", "F5"]
      edit.wordLeft = []
      "help.open" = ["f1", "H"]
      [keys.group]
      leave = ["alt+y"]
    `)
    expect(preset).toBe("emacs")
    expect(file).toBe(join(home, "my-keys.toml"))
    expect(["ctrl+x", "f5", "alt+y", "alt+x"].map((key) => map.commands.get(key)?.id)).toEqual([
      "group.switch",
      "group.switch",
      "group.leave",
      "palette.open",
    ])
    expect(map.commands.has("alt+g")).toBe(false)
    expect(map.edit.has("alt+b")).toBe(false)
    expect(map.bare.get("H")?.id).toBe("help.open")
    expect(map.commands.has("H")).toBe(false)
    expect(map.names["group.switch"]).toEqual(["ctrl+x", "f5"])
  })

  it("is the profile's when none is named, and none is needed", async () => {
    expect((await keysInForce(COMMANDS, { home, file: undefined })).file).toBeUndefined()
    const file = join(home, "keys.toml")
    writeFileSync(file, `preset = "vim"`)
    const keys = await keysInForce(COMMANDS, { home, file: undefined })
    expect(keys).toMatchObject({ preset: "vim", file })
    rmSync(file)
  })

  it("must be there when it is named", async () => {
    const thrown: unknown = await keysInForce(COMMANDS, { home, file: join(home, "no.toml") }).catch(
      (error: unknown) => error,
    )
    expect(hasCode(thrown, "E072")).toBe(true)
  })

  it("with a command nobody knows is told which are accepted, the nearest first", async () => {
    const said = await refusal(`keys."grup.switch" = ["f5"]`)
    expect(said).toContain(`"grup.switch"`)
    expect(said).toMatch(/nearest first: group\.switch, /)
    for (const { id } of [...COMMANDS, ...KEY_ACTIONS]) expect(said).toContain(id)
    for (const id of ["constructor", "__proto__", "toString"]) {
      expect(await refusal(`keys."${id}" = ["f5"]`)).toContain(`"${id}"`)
    }
  })

  it("with a key that no key is called is told which are accepted, the nearest first", async () => {
    const said = await refusal(`keys."group.next" = ["pagup"]`)
    expect(said).toMatch(/group\.next: .*"pagup".*nearest first: pageup, /)
    expect(said).toContain("f12")
  })

  it("with a key bound to two commands is told both", async () => {
    expect(await refusal(`keys."group.switch" = ["ctrl+p"]`)).toMatch(/ctrl\+p .*group\.switch.*palette\.open/)
    expect(await refusal(`keys."group.leave" = ["ctrl+w"]`)).toMatch(/ctrl\+w .*group\.leave.*edit\.deleteWordLeft/)
    expect(await refusal(`keys."group.leave" = ["c"]`)).toMatch(/key c .*group\.create.*group\.leave/)
    expect(await refusal(`keys."pane.up" = ["down"]`)).toMatch(/key down .*pane\.up.*pane\.down/)
  })

  it("cannot take the keys that lead back, nor letters from texts", async () => {
    expect(await refusal(`keys."group.leave" = ["ctrl+c"]`)).toContain("ctrl+c cannot be bound")
    expect(await refusal(`keys."group.leave" = ["esc"]`)).toContain("escape cannot be bound")
    expect(await refusal(`keys."edit.left" = ["h"]`)).toContain("h writes in a text")
    const { map } = await configured(`keys."dialog.cancel" = ["f5"]\nkeys."dialog.accept" = []`)
    expect(["f5", "escape", "enter"].map((key) => map.dialog.get(key))).toEqual(["cancel", "cancel", "accept"])
  })

  it("is told every problem at once", async () => {
    const said = await refusal(`preset = "vmi"\npresett = "vim"\nkeys.quit = "ctrl+x"\nkeys."grup.switch" = []`)
    expect(said).toMatch(/"presett".*nearest first: preset, keys/)
    expect(said).toMatch(/"vmi".*nearest first: vim, /)
    expect(said).toMatch(/quit: this is a list of keys/)
    expect(said).toContain(`"grup.switch"`)
    const names = await refusal(`keys.qiut = []\nkeys.quit = ["nokey"]`)
    expect(names).toContain(`"qiut"`)
    expect(names).toContain(`"nokey"`)
  })

  it.each([
    `preset = vim`,
    `preset = 7`,
    `preset = ["vim"]`,
    `keys = []`,
    `keys = "x"`,
    `keys.quit = [1]`,
    `keys.quit = 1979-05-27`,
    `[keys`,
    "\u0000",
    `keys.quit = [["ctrl+x"]]`,
  ])("is refused and not crashed by: %j", async (text) => {
    expect(await refusal(text)).toContain("my-keys.toml")
  })

  it("is obeyed or refused with E071, whatever names stand in it", () => {
    const ids = fc.oneof(
      fc.string(),
      fc.constantFrom(...COMMANDS.map(({ id }) => id), "edit.undo", "pane.up", "dialog.cancel"),
    )
    const keys = fc.array(
      fc.oneof(fc.string(), fc.constantFrom("ctrl+k", "x", "f5", "alt+é", "up", "ctrl+c", "shift+tab")),
    )
    fc.assert(
      fc.property(fc.constantFrom("default", "vim", "emacs"), fc.dictionary(ids, keys), (preset, wished) => {
        try {
          const { names } = keyMap(COMMANDS, { preset, keys: wished })
          expect(Object.keys(names).length).toBe(COMMANDS.length + KEY_ACTIONS.length)
        } catch (thrown) {
          if (!hasCode(thrown, "E071")) throw thrown
        }
      }),
    )
  })

  it("sends nothing to the terminal that it would obey", async () => {
    const said = await refusal(`keys."a\\u001b[2Jb\\u009bc" = ["x\\u202e"]\n"\\u001b]0;t" = 1`)
    for (const obeyed of ["\u001b", "\u009b", "\u202e"]) expect(said).not.toContain(obeyed)
  })

  it("keeps for the places where nothing is written what writes elsewhere", () => {
    const { commands } = keyMap(COMMANDS, { preset: "default", keys: { "group.leave": ["home", "x", "space", "f6"] } })
    expect([...commands.keys()].filter(isWriting)).toEqual([])
    expect(commands.get("f6")?.id).toBe("group.leave")
  })
})
