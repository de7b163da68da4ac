/** The model's group epochs: one commit wins each (PROTOCOL.md section 7). */
import { concat, EMPTY, equal, hex } from "../../core/domain/bytes.ts"
import { QpqError } from "../../core/domain/errors.ts"
import type { DeviceKey, GroupTag } from "../../core/domain/ids.ts"
import { DAY_MS, NEW_GROUPS_PER_DAY_MAX, RESTORE_STEP } from "../../core/domain/limits.ts"
import { isLostMark } from "../../core/domain/lost-mark.ts"
import type { ChannelJudge, MemoryMail } from "./memory-mail.ts"
import type { AccountId } from "./account-rows.ts"
import type { CommitOutcome, StoredCommit } from "./node-store.ts"
import { withRow } from "./quota.ts"
import type { Usage } from "./quota.ts"

interface Group {
  epoch: bigint
  verifier: Uint8Array
  readonly createdBy: AccountId
  readonly createdAt: number
  /** As the server was restored from a backup. */
  restore: { readonly epoch: bigint; readonly verifier: Uint8Array } | undefined
  /** The commit that ended each epoch, by base epoch. */
  readonly log: Map<bigint, LoggedCommit>
}

interface LoggedCommit {
  readonly commit: StoredCommit
  /** Where the author's mailbox ended before; 0 when that is not known. */
  head: number
}

export class MemoryGroups {
  readonly #mail: MemoryMail
  readonly #isDevice: (key: DeviceKey) => boolean
  readonly #refusal: ChannelJudge
  readonly #groups = new Map<string, Group>()
  #isRestored = false

  constructor(mail: MemoryMail, isDevice: (key: DeviceKey) => boolean, refusal: ChannelJudge) {
    this.#mail = mail
    this.#refusal = refusal
    this.#isDevice = isDevice
  }

  get count(): number {
    return this.#groups.size
  }

  epoch(tag: GroupTag): bigint {
    return this.#groups.get(hex(tag))?.epoch ?? 0n
  }

  commit(commit: StoredCommit): CommitOutcome {
    const group = this.#groups.get(hex(commit.groupTag))
    const winner = group?.log.get(commit.baseEpoch)
    if (group && winner) return isSame(winner.commit, commit) ? accepted(winner, []) : lost(group, winner.commit)
    this.#checkAccess(commit)
    if (group && !mayFollow(group, commit)) return lost(group, undefined)
    if (!group && commit.baseEpoch !== 0n && !this.#isRestored) return lost(undefined, undefined)
    if (!group) this.#mayRegister(commit)
    this.#roomForWelcomes(commit)

    const next = group ?? this.#register(commit)
    next.epoch = commit.baseEpoch + 1n
    next.verifier = commit.nextVerifier
    const logged = { commit, head: this.#mail.headOf(commit.authorKey) }
    next.log.set(commit.baseEpoch, logged)
    return accepted(logged, [...this.#fanOut(logged), ...this.#welcome(logged)])
  }

  restored(): void {
    this.#isRestored = true
    for (const group of this.#groups.values()) {
      group.restore = { epoch: group.epoch, verifier: group.verifier }
      for (const logged of group.log.values()) if (logged.head > 0) logged.head += RESTORE_STEP
    }
  }

  #checkAccess({ account, recipients, welcomes, membersOnly }: StoredCommit): void {
    if (membersOnly !== true) return
    for (const { channelId, recipientKey } of [...recipients, ...welcomes]) {
      const code = this.#refusal(channelId, recipientKey, account)
      if (code !== 0) throw new QpqError(code === 22 ? "E022" : "E023")
    }
  }

  #mayRegister({ account, now }: StoredCommit): void {
    const today = [...this.#groups.values()].filter((group) => {
      return group.createdBy === account && group.createdAt > now - DAY_MS
    })
    if (today.length >= NEW_GROUPS_PER_DAY_MAX) throw new QpqError("E044")
  }

  #register(commit: StoredCommit): Group {
    const { account: createdBy, now: createdAt, nextVerifier: verifier, baseEpoch, proofHash } = commit
    const restore = baseEpoch === 0n ? undefined : { epoch: baseEpoch, verifier: proofHash }
    const group: Group = { epoch: 0n, verifier, createdBy, createdAt, restore, log: new Map() }
    this.#groups.set(hex(commit.groupTag), group)
    return group
  }

  #roomForWelcomes({ welcomes, welcomeBody, account }: StoredCommit): void {
    const usage = new Map<string, Usage>()
    for (const { recipientKey, prefix } of welcomes) {
      if (!this.#isDevice(recipientKey)) throw new QpqError("E040", hex(recipientKey))
      const more = withRow(usage, hex(recipientKey), prefix.length + welcomeBody.length)
      if (!this.#mail.hasRoom(recipientKey, account, more)) throw new QpqError("E041", hex(recipientKey))
    }
  }

  #fanOut({ commit, head }: LoggedCommit): readonly DeviceKey[] {
    const known = commit.recipients.filter(({ recipientKey }) => this.#isDevice(recipientKey))
    const rung = known.filter((recipient) => {
      const payload = concat(recipient.prefix, commit.payload)
      const letter = { ...fixed(commit, head), item: { ...recipient, messageId: commit.messageId }, payload }
      const isMark = isLostMark(recipient.prefix)
      if (isMark || !this.#mail.hasRoomForCommit(recipient.recipientKey, commit.account, payload.length)) {
        return this.#mail.markLost(letter)
      }
      this.#mail.append(letter)
      return true
    })
    return rung.map(({ recipientKey }) => recipientKey)
  }

  #welcome({ commit, head }: LoggedCommit): readonly DeviceKey[] {
    return commit.welcomes.map((item) => {
      this.#mail.append({ ...fixed(commit, head), item, payload: concat(item.prefix, commit.welcomeBody) })
      return item.recipientKey
    })
  }
}

/** What all rows of a commit have in common. */
const fixed = ({ account, now, expiresAt, groupTag, baseEpoch, commitInfo }: StoredCommit, senderHead: number) => ({
  sender: account,
  senderHead,
  now,
  expiresAt,
  rememberUntil: expiresAt,
  commit: { groupTag, epoch: baseEpoch, commitInfo },
})

const isSame = (a: StoredCommit, b: StoredCommit): boolean =>
  equal(a.messageId, b.messageId) && equal(a.authorKey, b.authorKey) && equal(a.payloadHash, b.payloadHash)

const winnerOf = ({ messageId, authorKey }: StoredCommit): Uint8Array => concat(messageId, authorKey)

const accepted = ({ commit, head }: LoggedCommit, rung: readonly DeviceKey[]): CommitOutcome => ({
  accepted: true,
  epoch: commit.baseEpoch + 1n,
  winner: winnerOf(commit),
  head,
  restoreEpoch: 0n,
  rung,
})

/** From the tag's epoch by its proof, or from a later one by the proof of the epoch that was restored. */
const mayFollow = (
  { epoch, verifier, restore }: Group,
  { baseEpoch, proofHash, restoreHash }: StoredCommit,
): boolean =>
  baseEpoch === epoch
    ? equal(verifier, proofHash)
    : baseEpoch > epoch && restore !== undefined && equal(restore.verifier, restoreHash)

const lost = (group: Group | undefined, winner: StoredCommit | undefined): CommitOutcome => ({
  accepted: false,
  epoch: group?.epoch ?? 0n,
  restoreEpoch: group?.restore?.epoch ?? 0n,
  winner: winner ? winnerOf(winner) : EMPTY,
  head: 0,
  rung: [],
})
