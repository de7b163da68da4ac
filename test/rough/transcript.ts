/** What one profile holds of a conversation, as `qpq history --json` tells it, and what two of them differ in. */

export interface Said {
  readonly id: string
  readonly sender: string
  readonly epoch: number
  /** Everything that a person sees of it, in one line. */
  readonly looks: string
}

type Json = Readonly<Record<string, unknown>>

interface Reaction {
  readonly emoji: string
  readonly by: readonly string[]
}

export function transcriptOf(lines: readonly Json[]): readonly Said[] {
  return lines.filter(({ type }) => type === "message").map(saidOf)
}

function saidOf(line: Json): Said {
  const { text, replyTo, edited, deleted, attachment } = line
  const given = (line["reactions"] ?? []) as readonly Reaction[]
  const reactions = given.map(({ emoji, by }) => `${emoji} ${[...by].sort().join(",")}`).sort()
  return {
    id: String(line["id"]),
    sender: String(line["sender"]),
    epoch: Number(line["epoch"]),
    looks: JSON.stringify({ text, replyTo, edited, deleted, attachment, reactions }),
  }
}

/** What only one of the two has, or shows otherwise, and whose own order differs. */
export function differences(mine: readonly Said[], theirs: readonly Said[]): readonly string[] {
  const others = new Map(theirs.map((one) => [one.id, one]))
  const ids = new Set(mine.map(({ id }) => id))
  const unlike = mine.flatMap(({ id, sender, looks }) => {
    const other = others.get(id)
    if (!other) return [`only here: ${sender} ${looks}`]
    return other.looks === looks && other.sender === sender ? [] : [`${looks} is there ${other.looks}`]
  })
  const missing = theirs.filter(({ id }) => !ids.has(id)).map(({ sender, looks }) => `only there: ${sender} ${looks}`)
  const senders = [...new Set(mine.map(({ sender }) => sender))]
  const disordered = senders.filter((sender) => orderOf(mine, sender) !== orderOf(theirs, sender))
  return [...unlike, ...missing, ...disordered.map((sender) => `what ${sender} said stands in another order`)]
}

const orderOf = (said: readonly Said[], wanted: string): string =>
  said
    .filter(({ sender }) => sender === wanted)
    .map(({ id }) => id)
    .join()

/** Of the lines that both have, those that stand right before another one there. */
export function elsewhere(mine: readonly Said[], theirs: readonly Said[]): number {
  const shared = new Set(theirs.map(({ id }) => id))
  const here = mine.filter(({ id }) => shared.has(id)).map(({ id }) => id)
  const next = new Map(theirs.map(({ id }, at) => [id, theirs[at + 1]?.id]))
  return here.filter((id, at) => next.get(id) !== here[at + 1]).length
}
