/** One table: no key twice, every command reachable, slash commands understood, near misses named. */
import { describe, expect, it } from "vitest"
import { COMMANDS } from "../../../tui/screen/commands.ts"
import { keyMap } from "../../../tui/screen/key-map.ts"
import { OPTION_ROWS } from "../../../tui/screen/option-table.ts"
import { USAGE, screenOptions } from "../../../tui/screen/options.ts"
import { nearest } from "../../../tui/screen/nearest.ts"
import { submissionOf } from "../../../tui/screen/submit.ts"
import { hasCode } from "../../../core/domain/errors.ts"

describe("the command table", () => {
  it("binds no key twice", () => {
    expect(() => keyMap(COMMANDS)).not.toThrow()
  })

  it("refuses a key bound to two commands, naming both", () => {
    const [first, second] = COMMANDS
    const twice = [first!, { ...second!, keys: first!.keys }]
    let thrown: unknown
    try {
      keyMap(twice)
    } catch (error) {
      thrown = error
    }
    expect(hasCode(thrown, "E071")).toBe(true)
    expect(String(thrown)).toMatch(/enter .*message\.send.*composer\.newline/)
  })

  it("needs no key that only some terminals send", () => {
    for (const { id, keys } of COMMANDS) {
      const everywhere = keys.filter((key) => !/shift\+(?!tab)|ctrl\+(enter|\/)/.test(key))
      if (keys.length > 0) expect(everywhere.length, id).toBeGreaterThan(0)
    }
  })
})

describe("enter in the composer", () => {
  it("tells texts, commands and nothing apart", () => {
    expect(submissionOf("hello", false)).toEqual({ kind: "text", text: "hello" })
    expect(submissionOf("  \n ", false)).toEqual({ kind: "nothing" })
    expect(submissionOf("/Invite  erin ", false)).toEqual({ kind: "command", name: "invite", argument: "erin" })
    expect(submissionOf("/create a b\nc", false)).toEqual({ kind: "command", name: "create", argument: "a b\nc" })
  })

  it("takes // for a literal slash, and a pasted slash for text", () => {
    expect(submissionOf("//etc/hosts", false)).toEqual({ kind: "text", text: "/etc/hosts" })
    expect(submissionOf("/quit", true)).toEqual({ kind: "text", text: "/quit" })
  })

  it("names the nearest command", () => {
    const names = COMMANDS.flatMap(({ slash }) => slash ?? [])
    expect(nearest("invte", names)).toBe("invite")
    expect(nearest("hlep", names)).toBe("help")
    expect(nearest("memb", names)).toBe("members")
    expect(nearest("zzzzzzzz", names)).toBeUndefined()
  })
})

describe("the program's options", () => {
  it("prefers a flag to the environment", () => {
    const env = { QPQ_HOME: "/env", QPQ_SERVER: "qpq://env", QPQ_PASSWORD: "secret", NO_COLOR: "1" }
    expect(screenOptions([], env)).toMatchObject({
      home: "/env",
      server: "qpq://env",
      password: "secret",
      depth: "none",
    })
    const flags = ["--home", "/flag", "--server=qpq://flag", "--user", "erin", "--local", "--ascii"]
    expect(screenOptions(flags, env)).toMatchObject({
      home: "/flag",
      server: "qpq://flag",
      user: "erin",
      local: true,
      ascii: true,
    })
  })

  it("remembers where a value came from", () => {
    const env = { QPQ_HOME: "/env", QPQ_KEYS: "/env/keys.toml" }
    expect(screenOptions(["--keys", "/flag.toml"], env)).toMatchObject({
      keys: "/flag.toml",
      sources: { home: "environment", keys: "flag" },
    })
    expect(screenOptions([], { QPQ_KEYS: "" }).sources).toEqual({})
  })

  it("refuses what it does not know", () => {
    expect(() => screenOptions(["--hoem", "x"], {})).toThrow(/wrong usage/)
    expect(() => screenOptions(["word"], {})).toThrow(/wrong usage/)
  })

  it("takes every flag its usage names", () => {
    for (const [, flag = "", value] of USAGE.matchAll(/^ {2}(--[a-z-]+)( [A-Z]+)?/gm)) {
      const accepted = OPTION_ROWS.find(([name]) => `--${name}` === flag)?.[1].accepted?.[0] ?? "x"
      expect(() => screenOptions(value === undefined ? [flag] : [flag, accepted], {}), flag).not.toThrow()
    }
  })
})
