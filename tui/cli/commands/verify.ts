/** qpq verify: compare safety numbers with somebody, say how it ended, or compare a group aloud. */
import type { Client } from "../../../core/client/client-api.ts"
import type { EpochWordsView, VerificationView } from "../../../core/client/verification-view.ts"
import { QpqError } from "../../../core/domain/errors.ts"
import { cleanLine } from "../../../core/domain/safe-text.ts"
import type { CommandContext, OptionValues, Run } from "../command.ts"
import { findGroup } from "./find-group.ts"

const GROUPS_PER_LINE = 6

export const verify: Run = async (context, [user], options) => {
  const client = await context.client()
  const group = options["group"]
  if (typeof group === "string") {
    if (user !== undefined) throw new QpqError("E070", "give a user, or --group, not both")
    printWords(context, await client.epochWords((await findGroup(client, group)).groupId))
    return
  }
  if (user === undefined) throw new QpqError("E070", "whose number? give a user, or --group")
  print(context, await answered(client, user, options))
}

/** What is said is said about the key that the server shows now. */
async function answered(client: Client, user: string, options: OptionValues): Promise<VerificationView> {
  const { number, mismatch, unchecked } = options
  const given = [number !== undefined, mismatch === true, unchecked === true].filter(Boolean)
  if (given.length > 1) throw new QpqError("E070", "--number, --mismatch and --unchecked exclude each other")
  const shown = await client.verification(user)
  if (typeof number === "string") return client.confirm(user, number)
  if (mismatch === true) return client.denyNumber(user)
  return unchecked === true ? client.trustUnchecked(user) : shown
}

/** 60 digits in groups of five, six in a line. */
export function numberLines(number: string): readonly string[] {
  const groups = number.match(/.{5}/g) ?? []
  return [groups.slice(0, GROUPS_PER_LINE).join(" "), groups.slice(GROUPS_PER_LINE).join(" ")]
}

function print({ out }: CommandContext, view: VerificationView): void {
  const { user, number, before, state, mismatched } = view
  const said = {
    ...(state === "changed" && { changed: true }),
    ...(before !== undefined && { before: spaced(before) }),
    ...(mismatched && { mismatch: true }),
  }
  out.line({ type: "verification", user, number: spaced(number), state, ...said }, textOf(view))
}

const spaced = (number: string): string => numberLines(number).join(" ")

function textOf({ user, number, before, words, state, mismatched }: VerificationView): string {
  const name = cleanLine(user)
  const title = mismatched ? MISMATCHED : MEANING[state]
  const lines = [title.replace("USER", name), ...numberLines(number).map((line) => `  ${line}`), `  ${words.join(" ")}`]
  if (before !== undefined)
    lines.push("The number of the key before:", ...numberLines(before).map((line) => `  ${line}`))
  if (mismatched)
    lines.push(`You said that it does not match: nothing is sent to ${name} alone until --number or --unchecked.`)
  else if (state !== "verified")
    lines.push(`Compare it with ${name} over another channel, then: qpq verify ${name} --number '…', or --mismatch`)
  if (state === "changed" && !mismatched) lines.push(`To take the new key unchecked: qpq verify ${name} --unchecked`)
  return lines.join("\n")
}

const MEANING = {
  changed: "The account key of USER has changed. The number of the new one:",
  unverified: "The safety number with USER, not compared yet:",
  verified: "The safety number with USER, compared:",
} as const

const MISMATCHED = "The safety number with USER, of which you said that it does not match:"

function printWords({ out }: CommandContext, { group, groupId, epoch, words }: EpochWordsView): void {
  const text = `[${cleanLine(group)}] epoch ${epoch}: ${words.join(" ")}\nWho has other words in this epoch is in another group.`
  out.line({ type: "epochWords", group, groupId, epoch, words }, text)
}
