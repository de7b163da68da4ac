/** Slash commands: finding the command of a name, and the nearest one when there is none. */
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { keyOf } from "./key-names.ts"
import { nearest } from "./nearest.ts"

export function runSlash(desk: Desk, commands: readonly Command[], name: string, argument: string): void {
  const command = commands.find(({ slash }) => slash?.includes(name))
  if (!command) {
    const near = nearest(
      name,
      commands.flatMap(({ slash }) => slash ?? []),
    )
    const help = keyOf(desk.state().keys, "help.open") ?? "/help"
    const hint = near === undefined ? `${help} lists all commands` : `did you mean /${near}?`
    desk.wish({ kind: "toasted", text: `There is no command /${name}: ${hint}`, tone: "bad" })
    return
  }
  if (command.when && !command.when(desk.state())) {
    desk.wish({ kind: "toasted", text: `/${name} is not possible here.`, tone: "bad" })
    return
  }
  desk.wish({ kind: "composerCleared" })
  command.run(desk, argument)
}
