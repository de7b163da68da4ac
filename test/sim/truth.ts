/** What really happened, as the server's store and the makers of commits saw it: who was in each epoch, what was stored for whom. */
import type { FetchAnswer, OpenedChannel } from "../../core/contract/node-service.ts"
import { sha256 } from "../../core/crypto/hash.ts"
import { concat, equal, hex, uintBytes } from "../../core/domain/bytes.ts"
import { groupId } from "../../core/domain/ids.ts"
import type { DeviceKey, GroupId } from "../../core/domain/ids.ts"
import { RETENTION_MS } from "../../core/domain/limits.ts"
import { directTagOf, groupTagOf } from "../../core/mls/group-tag.ts"
import type { GroupEngine, MlsGroup } from "../../core/mls/group-engine.ts"
import type { DeviceRemoval } from "../../server/store/account-rows.ts"
import type {
  CommitOutcome,
  Deposit,
  DepositAnswer,
  NodeStore,
  Read,
  StoredCommit,
} from "../../server/store/node-store.ts"
import { Letters } from "./letters.ts"
import { wrappedStore } from "./node.ts"

/** Device keys in hex. */
export interface EpochTruth {
  readonly members: readonly string[]
  /** Whom the commit that began it added, those who rejoined too, each with the id of its Welcome's row. */
  readonly added: ReadonlyMap<string, string>
  readonly since: number
  /** The id of the rows of the commit that began it. */
  readonly commit: string
  /** Members of the epoch before to whom that commit came as a row that can be opened, and who made it. */
  readonly reached: readonly string[]
  /** Members of the epoch before who cannot know whose commit it was: it came not at all, or as a mark. */
  readonly unseen: readonly string[]
}

/** One group by its tag. */
export interface GroupTruth {
  readonly tag: string
  readonly id: GroupId
  /** The conversation that it is one of the groups of. */
  readonly conversation: string
  /** The group that it goes on for, and from which epoch. */
  readonly before: Before | undefined
  readonly isDirect: boolean
  readonly epochs: EpochTruth[]
}

interface Before {
  readonly tag: string
  readonly epoch: number
}

/** A row for one recipient. */
export interface StoredRow {
  readonly device: string
  readonly epoch: number
  readonly at: number
  /** Of the deposit, among all. */
  readonly turn: number
}

export interface MailTruth {
  readonly tag: string
  readonly id: string
  readonly rows: StoredRow[]
  /** Rows that the server stored although it had stored one before. */
  doubled: number
  /** Where the sender's mailbox ended when the first of it was stored. */
  readonly head: number
  /** When it came first it was stored for all other members at once. */
  readonly isWhole: boolean
  /** The epoch for which it was last taken for all its recipients. */
  done: number | undefined
  /** And when. */
  doneAt: number
}

interface Staged {
  readonly id: GroupId
  readonly before: readonly string[]
  readonly members: readonly string[]
  readonly added: readonly string[]
}

export interface TruthRooms {
  readonly elapsed: () => number
  /** Whether a commit's row would become a lost mark now. By the hex of the device key. */
  readonly isOverfull: (device: string) => boolean
  /** A device is one of its account's no more. By its key in hex. */
  readonly onRevoked: (device: string) => void
}

/** Attempts at a 1:1 conversation that are told from a group's tag. */
const ATTEMPTS_KNOWN = 64

export class Truth {
  readonly groups = new Map<string, GroupTruth>()
  readonly letters: Letters
  readonly counts = { commits: 0, lostRaces: 0, deposits: 0 }
  /** Devices that are their accounts' no more, and since when. */
  readonly revoked = new Map<string, number>()
  /** By tag and message id. */
  readonly #mail = new Map<string, MailTruth>()
  /** Whom a commit that somebody has spoilt does not reach as it should, by its verifier. */
  readonly #spoilt = new Map<string, readonly string[]>()
  /** What a verifier stands for. */
  readonly #staged = new Map<string, Staged>()
  /** By the tags of the successors. */
  readonly #heirs = new Map<string, Before>()
  /** Channels by the tags of their attempts. */
  readonly #channels = new Map<string, string>()
  readonly #rooms: TruthRooms

  constructor(rooms: TruthRooms) {
    this.#rooms = rooms
    this.letters = new Letters(rooms.elapsed)
  }

  mailOf(tag: string, id: string): MailTruth | undefined {
    return this.#mail.get(`${tag}/${id}`)
  }

  /** Says before it is sent that the commit does not reach these, or comes to them spoilt. */
  spoil(verifier: string, devices: readonly string[]): void {
    this.#spoilt.set(verifier, devices)
  }

  /** Notes who would be in each epoch that somebody stages. */
  watchedEngine(engine: GroupEngine): GroupEngine {
    return {
      ...engine,
      create: async (id, suite, now) => {
        const group = await engine.create(id, suite, now)
        this.#found(tagOf(id), id, namesOf(group.members))
        return group
      },
      stage: async (group, change) => {
        const staged = await engine.stage(group, change)
        const [before, members] = [namesOf(group.members), namesOf(staged.next.members)]
        this.#staged.set(hex(staged.nextVerifier), { id: group.id, before, members, added: namesOf(staged.added) })
        return staged
      },
      successorId: async (group, attempt) => {
        const id = steadily(await engine.successorId(group, attempt), group, attempt)
        this.#heirs.set(tagOf(id), { tag: tagOf(group.id), epoch: Number(group.epoch) })
        return id
      },
    }
  }

  /** Notes what a store has really done. */
  watchedStore(store: NodeStore): NodeStore {
    return wrappedStore(store, (name, operation) => async (...args) => {
      const result = await operation(...args)
      if (name === "commit") this.#committed(args[0] as StoredCommit, result as CommitOutcome)
      if (name === "deposit") this.#deposited(args[0] as Deposit, result as DepositAnswer)
      if (name === "read") this.letters.read(args[0] as Read, result as FetchAnswer)
      if (name === "revokeDevice" && result === "done") this.#gone(hex((args[0] as DeviceRemoval).deviceKey))
      if (name === "openChannel" && result) this.#opened(result as OpenedChannel)
      return result
    })
  }

  #gone(device: string): void {
    this.revoked.set(device, this.#rooms.elapsed())
    this.#rooms.onRevoked(device)
  }

  #opened({ channelId }: OpenedChannel): void {
    const channel = hex(channelId)
    for (let attempt = 0; attempt < ATTEMPTS_KNOWN; attempt++)
      this.#channels.set(hex(directTagOf(channelId, attempt)), channel)
  }

  #found(tag: string, id: GroupId, members: readonly string[]): GroupTruth {
    const first = {
      members,
      added: new Map<string, string>(),
      since: this.#rooms.elapsed(),
      commit: "",
      reached: [],
      unseen: [],
    }
    const known = this.groups.get(tag)
    // Several may make a successor, or begin a conversation of two; it is that of the one whose commit is first.
    if (known?.epochs.length === 1) known.epochs[0] = first
    if (known && (known.epochs.length > 1 || equal(known.id, id))) return known
    const before = this.#heirs.get(tag)
    const channel = this.#channels.get(tag)
    const conversation = channel ?? (before && this.groups.get(before.tag)?.conversation) ?? tag
    const group = { tag, id, conversation, before, isDirect: channel !== undefined, epochs: [first] }
    this.groups.set(tag, group)
    return group
  }

  #committed(commit: StoredCommit, { accepted }: CommitOutcome): void {
    if (!accepted) {
      this.counts.lostRaces++
      return
    }
    const tag = hex(commit.groupTag)
    const staged = this.#staged.get(hex(commit.nextVerifier))
    const base = Number(commit.baseEpoch)
    if (!staged) return
    const group = base === 0 ? this.#found(tag, staged.id, staged.before) : this.groups.get(tag)
    // The answer to a repetition.
    if (!group || group.epochs.length > base + 1) return
    this.counts.commits++
    const { recipients, welcomes } = commit
    const welcomed = new Map(welcomes.map((item) => [hex(item.recipientKey), hex(item.messageId)]))
    const added = new Map(staged.added.map((device) => [device, welcomed.get(device) ?? ""]))
    const spoilt = this.#spoilt.get(hex(commit.nextVerifier)) ?? []
    const isReached = (device: string): boolean => !spoilt.includes(device) && !this.#rooms.isOverfull(device)
    const reached = recipients.map(({ recipientKey }) => hex(recipientKey)).filter(isReached)
    const seen = [...recipients.map(({ recipientKey }) => hex(recipientKey)), hex(commit.authorKey)]
    const isSeen = (device: string): boolean => seen.includes(device) && !this.#rooms.isOverfull(device)
    const id = hex(commit.messageId)
    group.epochs.push({
      members: staged.members,
      added,
      since: this.#rooms.elapsed(),
      commit: id,
      reached: [...reached, hex(commit.authorKey)],
      unseen: staged.before.filter((device) => !isSeen(device)),
    })
    const lifeMs = commit.expiresAt - commit.now
    for (const device of reached) this.letters.stored({ device, id, lifeMs })
    for (const [device, welcome] of welcomed) this.letters.stored({ device, id: welcome, lifeMs })
  }

  #isGone(item: Deposit["items"][number] | undefined): boolean {
    return item !== undefined && this.revoked.has(hex(item.recipientKey))
  }

  /** Whoever is known to be full is left out at first. */
  #isForAll({ group, items }: Deposit): boolean {
    const members = group && this.groups.get(hex(group.tag))?.epochs.at(Number(group.epoch))?.members
    const named = items.map(({ recipientKey }) => hex(recipientKey))
    // One is the sender.
    return members !== undefined && members.filter((one) => !named.includes(one) && !this.revoked.has(one)).length <= 1
  }

  #deposited(deposit: Deposit, { results, head }: DepositAnswer): void {
    const turn = ++this.counts.deposits
    const { group } = deposit
    const isDone = results.every(({ code }, at) => code === 0 || this.#isGone(deposit.items[at]))
    const isWhole = isDone && this.#isForAll(deposit)
    deposit.items.forEach((item, at) => {
      const result = results[at]
      const [device, id] = [hex(item.recipientKey), hex(item.messageId)]
      const isNew = result?.code === 0 && !result.duplicate
      if (isNew) this.letters.stored({ device, id, lifeMs: deposit.expiresAt - deposit.now })
      if (!group) return
      const [tag, epoch] = [hex(group.tag), Number(group.epoch)]
      const known = this.mailOf(tag, id)
      const now = this.#rooms.elapsed()
      if (known && isDone) {
        known.done = Math.max(known.done ?? 0, epoch)
        known.doneAt = now
      }
      if (!isNew) return
      const mail = known ?? {
        ...{ tag, id, rows: [], doubled: 0, head, doneAt: now },
        ...{ isWhole, done: isDone ? epoch : undefined },
      }
      this.#mail.set(`${tag}/${id}`, mail)
      // After the retention the server has forgotten that it had it.
      if (mail.rows.some((row) => row.device === device && now - row.at < RETENTION_MS)) mail.doubled++
      mail.rows.push({ device, epoch, at: now, turn })
    })
  }
}

/** Clients take their jitter from the first byte of a group's id; a successor's is made of keys, which no seed decides. */
function steadily(id: GroupId, { id: old, epoch }: MlsGroup, attempt: number): GroupId {
  const [first = 0] = sha256(Uint8Array.of(old[0] ?? 0), uintBytes(epoch, 8), uintBytes(attempt, 4))
  return groupId(concat(Uint8Array.of(first), id.subarray(1)))
}

const tagOf = (id: GroupId): string => hex(groupTagOf(id))

const namesOf = (members: readonly { readonly deviceKey: DeviceKey }[]): readonly string[] =>
  members.map(({ deviceKey }) => hex(deviceKey))
