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

/** What only one of the two has, or shows otherwise, and how many lines stand elsewhere. */
export function differences(mine: readonly Said[], theirs: readonly Said[]): readonly string[] {
  const others = new Map(theirs.map((one) => [one.id, one]))
  const ids = new Set(mine.map(({ id }) => id))
  const unlike = mine.flatMap(({ id, sender, looks }) => {
    const other = others.get(id)
    if (!other) return [`only here: ${sender} ${looks}`]
    return other.looks === looks && other.sender === sender ? [] : [`${looks} is there ${other.looks}`]
  })
  const missing = theirs.filter(({ id }) => !ids.has(id)).map(({ sender, looks }) => `only there: ${sender} ${looks}`)
  return [...unlike, ...missing, ...elsewhere(mine, theirs)]
}

/** Of the lines that both have, those that stand right before another one there. */
function elsewhere(mine: readonly Said[], theirs: readonly Said[]): readonly string[] {
  const ids = new Set(mine.map(({ id }) => id))
  const there = theirs.filter(({ id }) => ids.has(id))
  const next = new Map(there.map(({ id }, at) => [id, there[at + 1]]))
  const shared = mine.filter(({ id }) => next.has(id))
  return shared.flatMap(({ id, looks }, at) => {
    const [here, other] = [shared[at + 1], next.get(id)]
    return here?.id === other?.id
      ? []
      : [`${looks} is followed by ${here?.looks ?? "nothing"}, there by ${other?.looks ?? "nothing"}`]
  })
}
