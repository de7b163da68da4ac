/** Holds what was acknowledged against everybody's database: lost, shown twice, forked, damaged. Pure: evidence in, faults out. */
import type { ChangeNote } from "../../core/client/change-note.ts"
import type { Said } from "./ledger.ts"

export interface RecordedRow {
  readonly kind: "text" | "change" | "unknown" | "notice"
  readonly id: string
  /** Account key, hex. */
  readonly senderKey: string
  readonly own: boolean
  readonly body: string
  /** In which it was read; of one's own the one in which it was written down. Of a change: the one that it began. */
  readonly epoch: number
  readonly delivery: string
}

export interface ProfileRecord {
  readonly name: string
  readonly accountKey: string
  readonly rows: readonly RecordedRow[]
  readonly status: string
  /** Waits to be let in again. */
  readonly isLost: boolean
  readonly epoch: number
  readonly authenticator: string
  /** Texts and commits that are not out yet. */
  readonly waiting: number
  readonly damage: readonly string[]
}

export interface Evidence {
  /** The name of who made the group. */
  readonly founder: string
  readonly said: readonly Said[]
  readonly records: readonly ProfileRecord[]
}

export interface Verdict {
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly forks: readonly string[]
  readonly damage: readonly string[]
  /** Read by somebody who was no member of that epoch. */
  readonly leaked: readonly string[]
  /** Texts that the server had for all, and how often they were read by those entitled. */
  readonly delivered: number
  readonly reads: number
  /** Told to their senders as not delivered: they were removed meanwhile. */
  readonly givenUp: number
  readonly epoch: number
}

export const faultsOf = ({ lost, doubled, forks, damage, leaked }: Verdict): readonly string[] => [
  ...lost,
  ...doubled,
  ...forks,
  ...damage,
  ...leaked,
]

export function judge(evidence: Evidence): Verdict {
  const members = membersByEpoch(evidence)
  const texts = textsOf(evidence)
  const lost = [...lostBySenders(evidence), ...unsent(evidence)]
  const doubled: string[] = []
  const leaked: string[] = []
  const forks = forksOf(evidence, members)
  const count = { delivered: 0, reads: 0, givenUp: 0 }
  for (const text of texts.values()) {
    const { epochs, copies } = text
    for (const [name, times] of copies) if (times > 1) doubled.push(`${name} has ${times} times: ${text.body}`)
    const [epoch, ...others] = epochs
    if (others.length > 0) forks.push(`read in epochs ${[...epochs].join(", ")}: ${text.body}`)
    if (epoch === undefined) {
      if (text.delivery === "failed" && wasRemoved(members, text.senderKey)) count.givenUp++
      else if (!isAlone(members, text.ownEpoch)) lost.push(`nobody has (${text.delivery}): ${text.body}`)
      continue
    }
    count.delivered++
    for (const { name, accountKey } of evidence.records) {
      if (accountKey === text.senderKey) continue
      const isEntitled = members.get(epoch)?.has(accountKey) ?? false
      if (isEntitled && !copies.has(name)) lost.push(`${name} has not, of epoch ${epoch}: ${text.body}`)
      if (!isEntitled && copies.has(name)) leaked.push(`${name}, no member of epoch ${epoch}, has: ${text.body}`)
      if (copies.has(name)) count.reads++
    }
  }
  const damage = evidence.records.flatMap((record) => record.damage.map((line) => `${record.name}: ${line}`))
  return { lost, doubled, forks, damage, leaked, ...count, epoch: lastOf(members) }
}

type Members = ReadonlyMap<number, ReadonlySet<string>>

const lastOf = (members: Members): number => Math.max(...members.keys())
const isAlone = (members: Members, epoch: number): boolean => members.get(epoch)?.size === 1

/** Was a member once, and was not in some later epoch. */
function wasRemoved(members: Members, key: string): boolean {
  const inside = [...members].sort(([a], [b]) => a - b).map(([, keys]) => keys.has(key))
  return inside.indexOf(true) >= 0 && inside.slice(inside.indexOf(true)).includes(false)
}

const isCommit = (row: RecordedRow): boolean => row.kind === "change" && (noteOf(row).left ?? []).length === 0
const noteOf = (row: RecordedRow): ChangeNote => JSON.parse(row.body) as ChangeNote

/** Account keys in each epoch, as the lines about changes tell it. */
function membersByEpoch({ founder, records }: Evidence): Members {
  const changes = new Map(records.flatMap(({ rows }) => rows.filter(isCommit).map((row) => [row.epoch, row] as const)))
  const first = records.find(({ name }) => name === founder)
  let now = new Set(first ? [first.accountKey] : [])
  const members = new Map<number, ReadonlySet<string>>([[0, now]])
  for (const [epoch, row] of [...changes].sort(([a], [b]) => a - b)) {
    const { added, removed } = noteOf(row)
    now = new Set([...now].filter((key) => !removed.includes(key)).concat(added))
    members.set(epoch, now)
  }
  return members
}

/** One line of commits for all: nobody has another commit for an epoch, nobody misses one, all end in the same secret. */
function forksOf({ records }: Evidence, members: Members): string[] {
  const forks: string[] = []
  const commits = new Map<number, string>()
  for (const { name, accountKey, rows } of records) {
    const own = rows.filter(isCommit)
    for (const { epoch, id, body } of own) {
      if ((commits.get(epoch) ?? id) !== id) forks.push(`${name} has another commit for epoch ${epoch}`)
      commits.set(epoch, id)
      if ((noteOf({ body } as RecordedRow).rejoined ?? []).length > 0)
        forks.push(`a state was lost: ${name}, epoch ${epoch}`)
    }
    const epochs = own.map(({ epoch }) => epoch)
    if (new Set(epochs).size !== epochs.length) forks.push(`${name} has a commit twice`)
    const inBoth = (epoch: number): boolean =>
      (members.get(epoch)?.has(accountKey) ?? false) && (members.get(epoch - 1)?.has(accountKey) ?? false)
    for (const epoch of members.keys())
      if (inBoth(epoch) && !epochs.includes(epoch)) forks.push(`${name} has no commit for epoch ${epoch}`)
  }
  for (let epoch = 1; epoch <= lastOf(members); epoch++)
    if (!members.has(epoch)) forks.push(`nobody has a commit for epoch ${epoch}`)
  return [...forks, ...endsOf(records, members)]
}

function endsOf(records: readonly ProfileRecord[], members: Members): readonly string[] {
  const last = lastOf(members)
  const inside = records.filter(({ accountKey }) => members.get(last)?.has(accountKey) ?? false)
  const secrets = new Set(inside.map(({ authenticator }) => authenticator))
  return [
    ...(secrets.size > 1 ? [`${secrets.size} different secrets in epoch ${last}`] : []),
    ...inside.filter(({ epoch }) => epoch !== last).map(({ name, epoch }) => `${name} is in epoch ${epoch} of ${last}`),
    ...inside
      .filter(({ status }) => status !== "active")
      .map(({ name, status }) => `${name} is a member, but ${status}`),
    ...records.filter(({ isLost }) => isLost).map(({ name }) => `${name} waits to be let in again`),
  ]
}

function lostBySenders({ said, records }: Evidence): readonly string[] {
  return said.flatMap(({ id, sender, text, told }) => {
    const row = records.find(({ name }) => name === sender)?.rows.find((one) => one.own && one.id === id)
    if (!row) return [`${sender} itself has not (${told}): ${text}`]
    return told === "stored" && row.delivery !== "stored" ? [`told as stored, is ${row.delivery}: ${text}`] : []
  })
}

const unsent = ({ records }: Evidence): readonly string[] =>
  records
    .filter(({ waiting, status }) => waiting > 0 && status === "active")
    .map(({ name }) => `${name} has not sent all`)

interface Text {
  readonly body: string
  readonly senderKey: string
  /** Of its sender's row. */
  delivery: string
  ownEpoch: number
  /** Those in which others read it. */
  readonly epochs: Set<number>
  /** How often each profile has it, the sender's too. */
  readonly copies: Map<string, number>
}

/** By sender and text: a programme never says the same twice, so two rows are a doubled message whatever their ids. */
function textsOf({ records }: Evidence): ReadonlyMap<string, Text> {
  const texts = new Map<string, Text>()
  for (const { name, rows } of records) {
    for (const { kind, senderKey, body, own, epoch, delivery } of rows) {
      if (kind !== "text") continue
      const key = `${senderKey} ${body}`
      const text = texts.get(key) ?? {
        body,
        senderKey,
        delivery: "",
        ownEpoch: 0,
        epochs: new Set(),
        copies: new Map(),
      }
      texts.set(key, text)
      text.copies.set(name, (text.copies.get(name) ?? 0) + 1)
      if (own) Object.assign(text, { delivery, ownEpoch: epoch })
      else text.epochs.add(epoch)
    }
  }
  return texts
}
