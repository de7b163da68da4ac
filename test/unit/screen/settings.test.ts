/** The settings as they are shown: what holds, and where it comes from. */
import { expect, it } from "vitest"
import { COMMANDS } from "../../../tui/screen/commands.ts"
import { keyMap } from "../../../tui/screen/key-map.ts"
import { screenOptions } from "../../../tui/screen/options.ts"
import { settingRows } from "../../../tui/screen/settings.ts"

const map = keyMap(COMMANDS)

const rowsOf = (
  argv: readonly string[],
  env: Record<string, string>,
  file: Record<string, string> = {},
): readonly string[] =>
  settingRows({
    options: screenOptions(argv, env, file),
    home: "/home",
    keys: { map, preset: "default", file: undefined },
  }).map(({ name, value, source }) => `${name}: ${value} (${source})`)

it("are the defaults when nothing is given", () => {
  expect(rowsOf([], {})).toEqual([
    "profile folder: /home (default)",
    "key file: none (default)",
    "key preset: default (default)",
    "theme: auto (default)",
    "notifications: auto (default)",
    "ascii: no (default)",
    "screen reader: no (default)",
    "say sent: no (default)",
    "animation: yes (default)",
    "CA: none (default)",
    "unlocks qpq: yes (default)",
    "log: /home/qpq-tui.log (default)",
    "log level: info (default)",
    "colours: 16 (environment)",
  ])
})

it("come from the flag before the environment before config.toml", () => {
  const file = { theme: "light", notifications: "bell", ascii: "true" }
  expect(rowsOf([], { NO_COLOR: "1" }, file).slice(3)).toEqual([
    "theme: light (file)",
    "notifications: bell (file)",
    "ascii: yes (file)",
    "screen reader: no (default)",
    "say sent: no (default)",
    "animation: yes (default)",
    "CA: none (default)",
    "unlocks qpq: yes (default)",
    "log: /home/qpq-tui.log (default)",
    "log level: info (default)",
    "colours: none (NO_COLOR) (environment)",
  ])
  const env = { QPQ_THEME: "dark", QPQ_NOTIFICATIONS: "off", QPQ_ASCII: "0" }
  expect(rowsOf([], env, file).slice(3, 6)).toEqual([
    "theme: dark (environment)",
    "notifications: off (environment)",
    "ascii: no (environment)",
  ])
  expect(rowsOf(["--theme", "colour-blind", "--ascii"], env, file).slice(3, 6)).toEqual([
    "theme: colour-blind (flag)",
    "notifications: off (environment)",
    "ascii: yes (flag)",
  ])
})

it("say that commands are not unlocked, and who said so", () => {
  expect(rowsOf(["--no-share"], {})).toContain("unlocks qpq: no (flag)")
  expect(rowsOf([], { QPQ_NO_SHARE: "1" })).toContain("unlocks qpq: no (environment)")
  expect(rowsOf([], {}, { "no-share": "true" })).toContain("unlocks qpq: no (file)")
})

it("say where the log is, or that there is none", () => {
  expect(rowsOf(["--log-file", "/x/y.log"], { QPQ_LOG_LEVEL: "debug" })).toEqual(
    expect.arrayContaining(["log: /x/y.log (flag)", "log level: debug (environment)"]),
  )
  expect(rowsOf([], {}, { "log-file": "off" })).toContain("log: off (file)")
  expect(() => screenOptions(["--log-level", "loud"], {})).toThrow(/accepted: error, warn, info, debug/)
})

it("refuse what they do not know, and say what is accepted", () => {
  expect(() => screenOptions(["--theme", "pink"], {})).toThrow(/"pink"; accepted: auto, dark, light, colour-blind/)
  expect(() => screenOptions([], { QPQ_NOTIFICATIONS: "loud" })).toThrow(/accepted: auto, bell, osc9, osc777, off/)
  expect(() => screenOptions([], {}, { ascii: "perhaps" })).toThrow(/accepted: true, false/)
})

it("name the key file and its preset where they come from", () => {
  const options = screenOptions(["--home", "/flag"], { QPQ_KEYS: "/k.toml" })
  const rows = settingRows({ options, home: "/flag", keys: { map, preset: "vim", file: "/k.toml" } })
  expect(rows.slice(0, 3).map(({ value, source }) => `${value} (${source})`)).toEqual([
    "/flag (flag)",
    "/k.toml (environment)",
    "vim (file)",
  ])
  const own = settingRows({
    options: screenOptions([], {}),
    home: "/h",
    keys: { map, preset: "vim", file: "/h/keys.toml" },
  })
  expect(own[1]).toEqual({ name: "key file", value: "/h/keys.toml", source: "profile" })
})

it("say whether plain lines are given, or were chosen last", () => {
  const rowsWith = (argv: readonly string[], chosenReader: boolean | undefined): readonly string[] =>
    settingRows({
      options: screenOptions(argv, {}),
      home: "/home",
      keys: { map, preset: "default", file: undefined },
      chosenReader,
    })
      .filter(({ name }) => name === "screen reader")
      .map(({ value, source }) => `${value} (${source})`)
  expect(rowsWith([], true)).toEqual(["yes (profile)"])
  expect(rowsWith([], false)).toEqual(["no (profile)"])
  expect(rowsWith(["--screen-reader"], false)).toEqual(["yes (flag)"])
  expect(() => screenOptions([], { QPQ_SCREEN_READER: "loudly" })).toThrow(/accepted: true, false/)
})
