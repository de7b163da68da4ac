/** Enter in the composer: a message, or a slash command. */
import type { Desk } from "./desk.ts"
import { openGroupView } from "./selectors.ts"

/** What a line means. `//text` is the text "/text"; a pasted slash is text. */
export type Submission =
  | { readonly kind: "nothing" }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly name: string; readonly argument: string }

export function submissionOf(text: string, pasted: boolean): Submission {
  if (text.trim() === "") return { kind: "nothing" }
  if (pasted || !text.startsWith("/")) return { kind: "text", text }
  if (text.startsWith("//")) return { kind: "text", text: text.slice(1) }
  const [, name = "", argument = ""] = /^\/(\S*)\s*([^]*)$/.exec(text) ?? []
  return { kind: "command", name: name.toLowerCase(), argument: argument.trim() }
}

export function submit(desk: Desk): void {
  const state = desk.state()
  const { text, pasted } = state.composer
  const submission = submissionOf(text, pasted)
  if (submission.kind === "nothing") return
  if (submission.kind === "command") {
    desk.slash(submission.name, submission.argument)
    return
  }
  const group = openGroupView(state)
  if (group?.status !== "active") {
    const why = group ? "You are not a member of this group" : "No group is open"
    desk.wish({ kind: "toasted", text: `${why}: nothing was sent.`, tone: "bad" })
    return
  }
  const { about } = state
  if (about?.kind === "edit") desk.errands()?.edit(about.line, submission.text)
  else desk.errands()?.send(group.groupId, submission.text, about?.line)
}
