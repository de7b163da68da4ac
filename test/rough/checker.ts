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
  const verdict: Findings = {
    lost: [...lostBySenders(evidence), ...unsent(evidence)],
    doubled: [],
    forks: forksOf(evidence, members),
    damage: evidence.records.flatMap((record) => record.damage.map((line) => `${record.name}: ${line}`)),
    leaked: [],
    delivered: 0,
    reads: 0,
    givenUp: 0,
    epoch: lastOf(members),
  }
  for (const text of textsOf(evidence).values()) {
    for (const [name, times] of text.copies)
      if (times > 1) verdict.doubled.push(`${name} has ${times} times: ${text.body}`)
    const [epoch, ...others] = text.epochs
    if (others.length > 0) verdict.forks.push(`read in epochs ${[...text.epochs].join(", ")}: ${text.body}`)
    if (epoch === undefined) unheard(text, members, verdict)
    else heard(text, { members: members.get(epoch) ?? new Set(), epoch }, evidence.records, verdict)
  }
  return verdict
}

type Findings = {
  -readonly [Name in keyof Verdict]: Verdict[Name] extends readonly string[] ? string[] : Verdict[Name]
}

/** Of a text that no other has. */
function unheard(text: Text, members: Members, verdict: Findings): void {
  if (text.delivery === "failed" && wasRemoved(members, text.senderKey)) verdict.givenUp++
  else if (!isAlone(members, text.ownEpoch)) verdict.lost.push(`nobody has (${text.delivery}): ${text.body}`)
}

interface Audience {
  readonly epoch: number
  readonly members: ReadonlySet<string>
}

/** Exactly the members of the epoch it was said in have it. */
function heard(text: Text, { epoch, members }: Audience, records: readonly ProfileRecord[], verdict: Findings): void {
  verdict.delivered++
  for (const { name, accountKey } of records) {
    if (accountKey === text.senderKey) continue
    const [isEntitled, has] = [members.has(accountKey), text.copies.has(name)]
    if (isEntitled && !has) verdict.lost.push(`${name} has not, of epoch ${epoch}: ${text.body}`)
    if (!isEntitled && has) verdict.leaked.push(`${name}, no member of epoch ${epoch}, has: ${text.body}`)
    if (has) verdict.reads++
  }
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
  for (const { name, rows } of records) {
    for (const row of rows.filter(isCommit)) {
      const known = commits.get(row.epoch) ?? row.id
      if (known !== row.id) forks.push(`${name} has another commit for epoch ${row.epoch}`)
      commits.set(row.epoch, known)
      if ((noteOf(row).rejoined ?? []).length > 0) forks.push(`a state was lost: ${name} tells of epoch ${row.epoch}`)
    }
  }
  for (let epoch = 1; epoch <= lastOf(members); epoch++)
    if (!members.has(epoch)) forks.push(`nobody has a commit for epoch ${epoch}`)
  return [...forks, ...records.flatMap((record) => missedBy(record, members)), ...endsOf(records, members)]
}

/** Commits between two epochs of one member that its timeline does not tell, or tells twice. */
function missedBy({ name, accountKey, rows }: ProfileRecord, members: Members): readonly string[] {
  const epochs = rows.filter(isCommit).map(({ epoch }) => epoch)
  const wasIn = (epoch: number): boolean => members.get(epoch)?.has(accountKey) ?? false
  const missed = [...members.keys()].filter((epoch) => wasIn(epoch) && wasIn(epoch - 1) && !epochs.includes(epoch))
  const twice = new Set(epochs).size !== epochs.length ? [`${name} has a commit twice`] : []
  return [...missed.map((epoch) => `${name} has no commit for epoch ${epoch}`), ...twice]
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

export function lostBySenders({ said, records }: Evidence): readonly string[] {
  return said.flatMap(({ id, sender, text, told }) => {
    const row = records.find(({ name }) => name === sender)?.rows.find((one) => one.own && one.id === id)
    if (!row) return [`${sender} itself has not (${told}): ${text}`]
    return told === "stored" && row.delivery !== "stored" ? [`told as stored, is ${row.delivery}: ${text}`] : []
  })
}

export const unsent = ({ records }: Evidence): readonly string[] =>
  records
    .filter(({ waiting, status }) => waiting > 0 && status === "active")
    .map(({ name }) => `${name} has not sent all`)

export interface Text {
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
export function textsOf({ records }: Evidence): ReadonlyMap<string, Text> {
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
        epochs: new Set<number>(),
        copies: new Map<string, number>(),
      }
      texts.set(key, text)
      text.copies.set(name, (text.copies.get(name) ?? 0) + 1)
      if (own) Object.assign(text, { delivery, ownEpoch: epoch })
      else text.epochs.add(epoch)
    }
  }
  return texts
}
