/** The settings as they are shown: what holds, and where it comes from. */
import { expect, it } from "vitest"
import { COMMANDS } from "../../../tui/screen/commands.ts"
import { keyMap } from "../../../tui/screen/key-map.ts"
import { screenOptions } from "../../../tui/screen/options.ts"
import { settingRows } from "../../../tui/screen/settings.ts"

const map = keyMap(COMMANDS)

it("are the defaults when nothing is given", () => {
  const rows = settingRows({
    options: screenOptions([], {}),
    home: "/home",
    keys: { map, preset: "default", file: undefined },
  })
  expect(rows.map(({ name, value, source }) => `${name}: ${value} (${source})`)).toEqual([
    "profile folder: /home (default)",
    "key file: none (default)",
    "key preset: default (default)",
    "ascii: no (default)",
    "colour: yes (default)",
  ])
})

it("name flag, environment and file where they are the reason", () => {
  const options = screenOptions(["--home", "/flag", "--ascii"], { QPQ_KEYS: "/k.toml", NO_COLOR: "1" })
  const rows = settingRows({ options, home: "/flag", keys: { map, preset: "vim", file: "/k.toml" } })
  expect(rows.map(({ value, source }) => `${value} (${source})`)).toEqual([
    "/flag (flag)",
    "/k.toml (environment)",
    "vim (file)",
    "yes (flag)",
    "no (environment)",
  ])
  const own = settingRows({
    options: screenOptions([], {}),
    home: "/h",
    keys: { map, preset: "vim", file: "/h/keys.toml" },
  })
  expect(own[1]).toEqual({ name: "key file", value: "/h/keys.toml", source: "profile" })
})
