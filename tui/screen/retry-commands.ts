/** Sending a message again that not everybody got: enter where it is selected, or the newest of them by its command. */
import { lineOf } from "../line-name.ts"
import { isPossible } from "./command.ts"
import type { Command } from "./command.ts"
import type { Desk } from "./desk.ts"
import { failedTarget, on } from "./message-target.ts"

const RETRY: Command = {
  id: "message.retry",
  title: "Send the message again to those who lack it",
  section: "Messages",
  keys: [],
  places: ["messages"],
  slash: ["retry"],
  when: (state) => failedTarget(state) !== undefined,
  run: on(failedTarget, (desk, row) => desk.errands()?.resend(lineOf(row))),
}

export const RETRY_COMMANDS: readonly Command[] = [RETRY]

/** The key that opens in other panes. @returns whether the selected message is one that failed. */
export function retrySelected(desk: Desk): boolean {
  const isFailed = isPossible(RETRY, desk.state())
  if (isFailed) RETRY.run(desk, "")
  return isFailed
}
