/** Writes man/*.1 from the tables of commands, options and keys: npx tsx scripts/man-pages.ts */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { packageRoot } from "../core/domain/package-root.ts"
import { ADMIN_COMMANDS, OFFLINE_COMMANDS } from "../server/ops/admin-commands.ts"
import { OPTIONS } from "../server/options.ts"
import { COMMANDS } from "../tui/cli/commands.ts"
import type { CommandRow } from "../tui/cli/command.ts"
import { GLOBAL_OPTIONS } from "../tui/cli/global-options.ts"
import { COMMANDS as SCREEN_COMMANDS } from "../tui/screen/commands.ts"
import { keyMap } from "../tui/screen/key-map.ts"
import { keyTitle } from "../tui/screen/key-names.ts"
import { OPTION_ROWS } from "../tui/screen/option-table.ts"
import { bold, example, head, item, paragraph, roff, section, subsection } from "./roff.ts"

export const MAN_FOLDER = join(packageRoot(), "man")

const EXIT =
  "0 done, 2 wrong usage, 64-78 as in sysexits (65 bad data, 69 server unavailable, 75 try again later, 77 refused or not logged in), 130 interrupted. Each failure has a code; docs/ERRORS.md names them all."

const names = (...others: readonly string[]): string =>
  section("SEE ALSO", `.PP\n${others.map((name) => `${bold(name)}(1)`).join(", ")}\n`)

/** By file name. */
export const manPages = (): Readonly<Record<string, string>> => ({
  "qpq.1": commandLinePage(),
  "qpq-tui.1": screenPage(),
  "qpq-server.1": serverPage(),
})

function commandLinePage(): string {
  return [
    head("qpq"),
    section("NAME", `${roff("qpq - private group chat from the command line")}\n`),
    section("SYNOPSIS", `${bold("qpq")} ${roff("COMMAND [ARGUMENT]... [OPTION]...")}\n`),
    section(
      "DESCRIPTION",
      paragraph(
        "Registers, talks in end-to-end-encrypted groups and 1:1 conversations, and prints what it knows, for people or as JSON lines. GROUP is a name if it is unambiguous, or the 64 hex digits or an unambiguous beginning of the group's id; of a 1:1 conversation it is the other's name. USER is a user name.",
      ),
      paragraph(
        "While qpq-tui is open, commands of its profile need no password (not on Windows), but for register-user and login.",
      ),
    ),
    section("COMMANDS", ...COMMANDS.map(commandItem)),
    section(
      "OPTIONS",
      ...GLOBAL_OPTIONS.map(({ flags, variable, meaning }) =>
        item(bold(flags), variable === undefined ? meaning : `${meaning} (${variable})`),
      ),
    ),
    section(
      "FILES",
      paragraph("In the profile folder:"),
      item(bold("config.toml"), "settings, after flags and environment: server, ca, timeout, no-share"),
      item(bold("profile.db"), "keys and history, encrypted"),
      item(bold("profile.key"), "the database's key under the password"),
    ),
    section("EXIT STATUS", paragraph(EXIT)),
    names("qpq-tui", "qpq-server"),
  ].join("")
}

function commandItem({ name, args, summary, options = [], example: shown }: CommandRow): string {
  const usage = `${bold(name)}${args === "" ? "" : ` ${roff(args)}`}`
  const own = options.map(({ flags, meaning }) => item(bold(flags), meaning))
  return [item(usage, `${summary}.`), ...(own.length > 0 ? [".RS\n", ...own, ".RE\n"] : []), example(shown)].join("")
}

function screenPage(): string {
  return [
    head("qpq-tui"),
    section("NAME", `${roff("qpq-tui - end-to-end-encrypted group chat in the terminal")}\n`),
    section("SYNOPSIS", `${bold("qpq-tui")} ${roff("[OPTION]...")}\n.br\n${bold("qpq-tui --stop-local")}\n`),
    section(
      "DESCRIPTION",
      paragraph(
        "A full-screen chat. The first start asks where the server is, or starts one on this computer, and makes an account. Each option comes from its flag, else from the environment, else from config.toml in the profile folder.",
      ),
    ),
    section(
      "OPTIONS",
      ...OPTION_ROWS.map(([name, { value, variable, file, help }]) => {
        const others = [...(variable === undefined ? [] : [variable]), ...(file ? ["config.toml"] : [])]
        const flag = `--${name}${value === undefined ? "" : ` ${value}`}`
        return item(bold(flag), others.length === 0 ? help : `${help} (${others.join(", ")})`)
      }),
    ),
    section(
      "KEYS AND COMMANDS",
      paragraph("As they are without a key file; docs/KEYS.md has all of them and says how to choose others."),
      ...[...new Set(SCREEN_COMMANDS.map((command) => command.section))].map(commandsOf),
    ),
    section(
      "FILES",
      paragraph("In the profile folder:"),
      item(bold("config.toml"), "settings"),
      item(bold("keys.toml"), "keys of one's own"),
      item(bold("qpq-tui.log"), "what happened, without texts, names and keys; at 1 MiB it becomes qpq-tui.log.1"),
    ),
    section("EXIT STATUS", paragraph(EXIT)),
    names("qpq", "qpq-server"),
  ].join("")
}

const IN_FORCE = keyMap(SCREEN_COMMANDS).names

function commandsOf(title: string): string {
  const rows = SCREEN_COMMANDS.filter((command) => command.section === title).map((command) => {
    const { id, argument, slash = [] } = command
    const typed = slash.map((name) => `/${name}${argument === undefined ? "" : ` ${argument}`}`)
    const ways = [...(IN_FORCE[id] ?? []).map(keyTitle), ...typed]
    return ways.length === 0 ? "" : item(ways.map(bold).join(", "), command.title)
  })
  return [subsection(title), ...rows].join("")
}

function serverPage(): string {
  return [
    head("qpq-server"),
    section("NAME", `${roff("qpq-server - delivery server of quicproquo")}\n`),
    section("SYNOPSIS", `${bold("qpq-server")} ${roff("[COMMAND [ARGUMENT]] [OPTION]...")}\n`),
    section(
      "DESCRIPTION",
      paragraph(
        "Keeps accounts, public keys and encrypted mail, and can read none of it. It makes its certificate and its secrets at the first start. When it is ready it prints one line on standard output, with the address to hand out. Logs are JSON lines on standard error. SIGINT and SIGTERM drain and end it with 0.",
      ),
    ),
    section(
      "COMMANDS",
      paragraph("Of a server that runs, by a socket in its data folder that only its own user may open."),
      ...Object.entries(ADMIN_COMMANDS).map(([name, { usage, meaning }]) =>
        item(bold(usage === "" ? name : `${name} ${usage}`), meaning),
      ),
      paragraph("backup and check also work while no server runs there. Only then work:"),
      ...Object.entries(OFFLINE_COMMANDS).map(([name, { usage, meaning }]) => item(bold(`${name} ${usage}`), meaning)),
    ),
    section(
      "OPTIONS",
      paragraph("Each is QPQ_NAME in the environment too, and a key of the TOML file."),
      ...Object.entries<{ value: string; meaning: string; byDefault?: string }>(OPTIONS).map(
        ([name, { value, meaning, byDefault }]) =>
          item(bold(`--${name} ${value}`), byDefault === undefined ? meaning : `${meaning} (${byDefault})`),
      ),
      item(bold("--help"), "usage"),
      item(bold("--version"), "the version"),
    ),
    section("EXIT STATUS", paragraph(EXIT)),
    names("qpq", "qpq-tui"),
  ].join("")
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(MAN_FOLDER, { recursive: true })
  for (const [name, page] of Object.entries(manPages())) writeFileSync(join(MAN_FOLDER, name), page)
}
