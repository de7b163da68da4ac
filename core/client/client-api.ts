/** What a face may ask of the client core, and what it is told. Plain values: they cross a thread's port unchanged. */
import type { ErrorCode } from "../domain/errors.ts"
import type { Suite } from "../domain/suite.ts"
import type { ServerVersions } from "../domain/versions.ts"
import type { ContactState, EpochWordsView, VerificationView } from "./verification-view.ts"
import type { LoginOrder, PairingLogin } from "./login-order.ts"
import type { DevicesClient } from "./devices-api.ts"
import type { GroupHealth } from "./group-health.ts"
import type { PublishedViews } from "./published-keys.ts"
import type { SearchRequest } from "./search-request.ts"
import type { ServerView } from "./server-view.ts"
import type { PasswordGate } from "./password-api.ts"
import type { PassingClient, SeenView } from "./passing-api.ts"
import type { RecvClient } from "./recv-api.ts"

export interface AccountView {
  readonly name: string
  /** Hex. */
  readonly accountKey: string
  readonly deviceKey: string
  /** qpq://host:port?pin=… */
  readonly server: string
  /** Groups of four hex digits, for comparing by eye. */
  readonly fingerprint: string
  /** Of an account that was just made with one. It is nowhere else: show it, and forget it. */
  readonly recoveryCode?: string
}

/** What is known of the account key that somebody has in a group. */
export interface TrustView {
  /** The safety number of this very key was compared, and the server shows no other. */
  readonly verified: boolean
  readonly changed: boolean
  /** The person said that the number does not match; nothing is sent to them alone. */
  readonly mismatched: boolean
  /** The person wants to hear nothing of them. */
  readonly blocked: boolean
}

export interface GroupView {
  /** 64 hex digits. */
  readonly groupId: string
  readonly name: string
  /** Of a 1:1 conversation the other's name, which is its name too. Its id is the conversation's, not an MLS group's. */
  readonly peer: string | undefined
  readonly peerTrust: TrustView | undefined
  /** left: by the person; its history can still be read. */
  readonly status: "active" | "hidden" | "removed" | "left"
  readonly suite: Suite
  readonly epoch: number
  /** Account names, in the order of their leaves. */
  readonly members: readonly string[]
  readonly unread: number
  /** Unread messages that call this person, or answer them. */
  readonly mentions: number
  /** Of what the person wants to be told. */
  readonly notify: "all" | "mentions" | "nothing"
  /** Begun and not sent; empty for none. */
  readonly draft: string
  /** What is said there now disappears after so many seconds; 0: it stays. */
  readonly timer: number
  /** Others are told what came and was read there, and that the person is writing. */
  readonly receipts: boolean
  readonly typing: boolean
  /** Time of the newest timeline row, milliseconds since the Unix epoch. */
  readonly lastAt: number
  /** Who invited us; unconfirmed until accepted. */
  readonly inviter: string | undefined
  /** When the keys last changed, by the server's clock or one's own; of a new member when it joined. */
  readonly rekeyedAt: number
}

export interface MemberView extends TrustView {
  readonly name: string
  readonly accountKey: string
  readonly deviceKey: string
  /** Of the keys of the leaf, groups of four hex digits: others with each update. */
  readonly leafFingerprint: string
  /** When this profile first saw the account's key, milliseconds since the Unix epoch. */
  readonly firstSeen: number | undefined
  readonly self: boolean
  /** It is this very device. */
  readonly current?: boolean
}

export interface ChangeView {
  readonly groupId: string
  readonly group: string
  readonly epoch: number
  readonly added: readonly string[]
  readonly removed: readonly string[]
  readonly updated: readonly string[]
  /** Who said that they leave; a removal by somebody follows. */
  readonly left: readonly string[]
  /** Whose lost state was replaced. */
  readonly rejoined: readonly string[]
  /** Who has one device more here, or one less, and stays. */
  readonly newDevices: readonly string[]
  readonly goneDevices: readonly string[]
  readonly by: string
  /** What is said from then on disappears after so many seconds; 0: it stays. Then nothing else has changed. */
  readonly timer?: number
}

/** queued: waits on this computer; stored: the server has it for everybody; failed: some recipient will not get it. */
export type Delivery = "received" | "queued" | "stored" | "failed"

/** What a line of the timeline is known by everywhere. */
export interface LineName {
  readonly groupId: string
  /** Account key of its author, hex. */
  readonly sender: string
  /** Hex. */
  readonly id: string
}

/** What a message answers, as it reads now. */
export interface ReplyView {
  /** Hex. */
  readonly id: string
  readonly sender: string
  /** Exactly as sent; empty when the message is not there, or was deleted. */
  readonly text: string
}

export interface ReactionView {
  /** Exactly as sent: clean it before it reaches a terminal. */
  readonly emoji: string
  /** Account names, the first to react first. */
  readonly by: readonly string[]
  readonly own: boolean
}

export interface AttachmentView {
  /** A plain file name, without a folder; clean it before it reaches a terminal. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** As the sender says. */
  readonly mediaType: string
}

/** A file on its way. */
export interface TransferView extends LineName {
  readonly direction: "up" | "down"
  /** Of what travels, which is a little more than the file. */
  readonly bytes: number
  readonly total: number
  readonly state: "running" | "done" | "failed"
}

/** Where to save a file: in a folder that is there (under its own name, or the next free one), or at a path of its own. */
export interface SaveTarget {
  readonly path: string
  /** Replaces what has this path. */
  readonly overwrite: boolean
}

export interface TimelineView {
  /** Order on this profile, from 1. */
  readonly place: number
  readonly groupId: string
  readonly group: string
  /** Hex. */
  readonly id: string
  readonly kind: "text" | "change" | "unknown" | "notice"
  readonly sender: string
  /** Account key of the sender, hex. */
  readonly senderKey: string
  readonly own: boolean
  /**
   * Exactly as sent: clean it before it reaches a terminal. Of an edited message the newest, of a deleted one empty, of a
   * file its name.
   */
  readonly text: string
  readonly attachment: AttachmentView | undefined
  readonly replyTo: ReplyView | undefined
  /** By its author. */
  readonly edited: boolean
  /** By its author's clock, milliseconds since the Unix epoch. */
  readonly editedAt?: number | undefined
  readonly deleted: boolean
  /** The emoji that came first is first. */
  readonly reactions: readonly ReactionView[]
  /** Of a message of one's own: who has got or read it, the first first. */
  readonly seen: readonly SeenView[]
  /** Seconds after which it disappears, and when that is; not known of one's own before it was sent. */
  readonly expiresAfter?: number | undefined
  readonly expiresAt?: number | undefined
  readonly change: ChangeView | undefined
  readonly epoch: number
  /** By the sender's clock, milliseconds since the Unix epoch. */
  readonly sentAt: number
  readonly receivedAt: number
  readonly delivery: Delivery
  /** It calls this person, or answers them. */
  readonly mention: boolean
  /** Whether the sender's safety number was compared. */
  readonly verified: boolean
}

/** Somebody who could be invited. */
export interface UserView {
  readonly name: string
  readonly accountKey: string
  readonly fingerprint: string
  /** The safety number with them, 60 digits. */
  readonly number: string
  readonly verified: boolean
  /** This profile shares no group or conversation with them, and never did as far as it knows. */
  readonly firstContact: boolean
  /** Whether they can be invited now; undefined: the server does not say. */
  readonly published: PublishedViews | undefined
}

export interface KeyPackageView {
  /** KeyPackageRef, hex. */
  readonly fingerprint: string
  readonly suite: Suite
  readonly lastResort: boolean
}

export interface LinkView {
  readonly state: "connecting" | "online" | "reconnecting" | "offline" | "expired" | "refused"
  /** When the state began, milliseconds since the Unix epoch. */
  readonly since: number
  /** Failed attempts in a row. */
  readonly tries: number
  /** When the next attempt comes; 0 when none is planned. */
  readonly retryAt: number
  /** When the mailbox was last read to its end; 0 never. */
  readonly lastSync: number
  /** Round trip in milliseconds; 0 not known. */
  readonly roundTripMs: number
  /** How far this computer's clock is ahead of the server's, negative behind; undefined not known. */
  readonly clockAheadMs?: number
  /** Why it is not online. */
  readonly code: ErrorCode | undefined
  /** More of that, where it was given up. The server may have had a say in it. */
  readonly detail?: string
}

export interface PageRequest {
  readonly groupId?: string
  readonly before?: number
  readonly after?: number
  readonly limit: number
}

/** Lines around a place, oldest first. */
export interface TimelineWindow {
  readonly rows: readonly TimelineView[]
  /** No older lines exist. */
  readonly complete: boolean
  /** No newer lines exist. */
  readonly atEnd: boolean
}

/** Facts, already stored when they are told. */
export type ClientEvent =
  | { readonly kind: "link"; readonly link: LinkView }
  /** A row is there, or (with an id seen before) has changed or moved to another place. */
  | { readonly kind: "timeline"; readonly row: TimelineView }
  | { readonly kind: "delivery"; readonly groupId: string; readonly id: string; readonly delivery: Delivery }
  | { readonly kind: "group"; readonly group: GroupView }
  /** successor: the group in which its conversation goes on; its lines are that one's now. */
  | { readonly kind: "groupGone"; readonly groupId: string; readonly successor?: string }
  | { readonly kind: "queue"; readonly queued: number }
  /** Lines have disappeared, with all that was said about them. */
  | { readonly kind: "vanished"; readonly lines: readonly LineName[] }
  /** Who is writing in a conversation now; not stored anywhere. */
  | { readonly kind: "typing"; readonly groupId: string; readonly names: readonly string[] }
  /** A few times a second while a file moves, and at its end. */
  | { readonly kind: "transfer"; readonly transfer: TransferView }
  /** The mailbox was read to its end. */
  | { readonly kind: "caughtUp" }
  /** What is known of somebody has changed. verified: the key that is used was compared. `lagged` follows. */
  | { readonly kind: "contact"; readonly name: string; readonly state: ContactState; readonly verified: boolean }
  /** Something went wrong that the person should know; the session goes on. What came several times at once is told as one. */
  | { readonly kind: "trouble"; readonly code: ErrorCode; readonly message: string }
  /** Events were missed, by a reader that was too slow or because another program did it: read everything anew. */
  | { readonly kind: "lagged" }

/** What the faces knock on. Every method may throw a QpqError. */
export interface Client extends DevicesClient, PassingClient, RecvClient {
  whoami(): Promise<AccountView>
  link(): Promise<LinkView>
  /** Round trip to the server in milliseconds. @throws E053, E054, E055 */
  ping(): Promise<number>
  /** Which program answers there, in the server's own words, and which wire version it speaks. @throws E053, E054, E055 */
  serverVersions(): Promise<ServerVersions>
  groups(): Promise<readonly GroupView[]>
  /** A group of oneself alone. */
  createGroup(name: string, suite: Suite): Promise<GroupView>
  /**
   * The 1:1 conversation with a user: found, accepted if it waits as an invitation, or begun.
   * @throws E015, E018, E081, E082, E070 for oneself, E053-E055 when it is new and the server is away
   */
  direct(name: string): Promise<GroupView>
  /** All in one commit. @throws E010, E015, E018, E033, E037, E038, E081, E082, E070 for a 1:1 conversation */
  invite(groupId: string, names: readonly string[]): Promise<ChangeView>
  /** A member with all devices. @throws E033, E036, E037, E070 for oneself and in a 1:1 conversation */
  remove(groupId: string, name: string): Promise<ChangeView>
  /** Fresh keys of one's own. @throws E033, E036, E037 */
  update(groupId: string): Promise<ChangeView>
  /**
   * Goes at once for this person; the others remove the leaf. Of an invitation: declines it. Of a group that one was
   * removed from: takes it off the list. @throws E033
   */
  leave(groupId: string): Promise<void>
  /** Accepts an invitation. @throws E033 */
  accept(groupId: string): Promise<GroupView>
  members(groupId: string): Promise<readonly MemberView[]>
  /** Resolves once the text is safe in the outbox. @returns its id, hex. @throws E025, E033, E036, E079, E081, E082 */
  send(groupId: string, text: string, replyTo?: LineName): Promise<string>
  /** The one reaction of this person to a message; empty takes it back. @throws E025, E033, E036, E079 */
  react(line: LineName, emoji: string): Promise<void>
  /** Another text for an own message. @throws E025, E033, E036, E070 for another's, E079 */
  edit(line: LineName, text: string): Promise<void>
  /** Takes an own message back, for everybody. @throws E033, E036, E070 for another's, E079 */
  delete(line: LineName): Promise<void>
  /** Once more an own message with delivery failed. @throws E036, E070 other messages, E079, E081, E082, E086, E088 */
  resend(line: LineName): Promise<void>
  /**
   * Resolves once the file lies encrypted in the profile; its message goes out when the server has it.
   * @returns the message's id, hex. @throws E028, E033, E036, E063, E072
   */
  sendFile(groupId: string, path: string): Promise<string>
  /** Uploads what waits. @throws E053, E055 when nothing moved for so long */
  uploadFiles(quietMs: number): Promise<void>
  /** Downloads the file of a message, or the rest of it. @returns the path it has. @throws E028, E063, E070, E079, E083, E084 */
  saveFile(line: LineName, target: SaveTarget): Promise<string>
  /** Stops a download; what came stays for the next one. */
  stopSaving(line: LineName): Promise<void>
  /** The one message of a group whose id begins so, hex. @throws E033, E079 */
  find(groupId: string, idStart: string): Promise<TimelineView>
  /** Newest rows before `before`, or the oldest after `after`; always oldest first. */
  timeline(page: PageRequest): Promise<readonly TimelineView[]>
  /** As many as `limit` lines before a place, and as many from it on. @throws E033 */
  linesAround(groupId: string, place: number, limit: number): Promise<TimelineWindow>
  /** Messages that hold all that is looked for, the newest first. @throws E025 for a query that is too long, E033 */
  search(request: SearchRequest): Promise<readonly TimelineView[]>
  /** Place of the first line that is shown with this time, milliseconds since the Unix epoch, or a later one. @throws E033 */
  lineAt(groupId: string, at: number): Promise<number | undefined>
  /** Place of the first message from others that was not read. @throws E033 */
  firstUnread(groupId: string): Promise<number | undefined>
  markRead(groupId: string, place: number): Promise<void>
  /** @throws E033 */
  setNotify(groupId: string, notify: GroupView["notify"]): Promise<void>
  /** Keeps what is begun and not sent; empty forgets it. @throws E025, E033 */
  saveDraft(groupId: string, text: string): Promise<void>
  /** What a face has asked to have remembered in this profile, by name. */
  remembered(): Promise<Readonly<Record<string, string>>>
  /** At most 32 names, at most 128 letters each. @throws E071 */
  remember(name: string, value: string): Promise<void>
  queued(): Promise<number>
  /** Reads the mailbox to its end and sends what waits. @throws E053-E055, E059 when that did not come about in time. */
  sync(timeoutMs: number): Promise<void>
  /** Asks whether the groups have gone on without this device. @throws E053-E055 */
  checkGroups(timeoutMs: number): Promise<readonly GroupHealth[]>
  /** From now on reads mail as it comes, sends what waits and keeps keys published, until closed. */
  follow(): Promise<void>
  /** From now on nothing of theirs is heard, and their invitations are declined. @throws E015, E016, E070, E053-E055 */
  block(name: string): Promise<void>
  /** What they said meanwhile is not there. @throws E016, E070 for who is not blocked */
  unblock(name: string): Promise<void>
  /** Names, in order. */
  blocked(): Promise<readonly string[]>
  /** @throws E015, E018, E081, E082 */
  lookUp(name: string): Promise<UserView>
  /** The safety number with a user, by the key that the server shows now, when it can be asked. @throws E015, E070 */
  verification(name: string): Promise<VerificationView>
  /**
   * The person has compared: the key with this number is the user's; a new one is used from now on. The number of the
   * key before refuses the new one. @throws E015, E070 unless it is 60 digits in any spacing, E082 for another number
   */
  confirm(name: string, number: string): Promise<VerificationView>
  /** The person has compared, and the number is another: nothing is sent to the user alone. @throws E015, E070 */
  denyNumber(name: string): Promise<VerificationView>
  /**
   * One step towards going on unchecked: from a number that does not match, with the key as it was before; else from a
   * changed key to the new one; else from verified to unverified.
   * @param shown the number that the person has before them. @throws E015, E070, E082 when it is another by now
   */
  trustUnchecked(name: string, shown?: string): Promise<VerificationView>
  /** @throws E033 */
  epochWords(groupId: string): Promise<EpochWordsView>
  /** Consumes one KeyPackage of a user. @throws E010, E015 */
  fetchKey(name: string, suite: Suite): Promise<KeyPackageView>
  /** Replaces all published KeyPackages. @returns how many of the hybrid suite stand there now. */
  refreshKeyPackages(): Promise<number>
  logout(): Promise<void>
  /** Of all devices of the account. @param keepThis but not of this one. @returns how many logins were ended. */
  logoutEverywhere(keepThis: boolean): Promise<number>
  /** Ends when the signal fires. Events from before the call are not seen: read the store first. */
  events(signal: AbortSignal): AsyncIterable<ClientEvent>
  close(): Promise<void>
}

/** What is known of a profile before, and after, it is unlocked. */
export interface ProfileView {
  /** new: nothing there; locked: give the passphrase; unlocked: no account yet; ready: open it. */
  readonly state: "new" | "locked" | "unlocked" | "ready"
  readonly name: string | undefined
  readonly server: string | undefined
}

/** What a face asks before there is a session. */
export interface Gate extends PasswordGate {
  profile(): Promise<ProfileView>
  /** Opens the profile's database, or makes it. @throws E061 wrong passphrase, E060, E062 */
  unlock(passphrase: string): Promise<ProfileView>
  /** Who answers there, without trusting it. @throws E053, E058, E071 */
  inspect(address: string): Promise<ServerView>
  /** @throws E008, E016, E056, E057, E066, E071, E073, E096 before anything was done */
  register(order: LoginOrder): Promise<AccountView>
  /** @throws E004, E005, E019, E056, E057, E073 */
  login(order: LoginOrder): Promise<AccountView>
  /** Becomes a device of the account by the code that another one shows. @throws E066, E070 no such code, E095, E017 */
  pairUp(order: PairingLogin): Promise<AccountView>
  /**
   * Leaves all groups, then ends the account with all that is its own on the server. What is on this computer stays.
   * @throws E004, E005, E053-E058, E065
   */
  deleteAccount(password: string): Promise<void>
  /** Opens the session of the account; from then on the Client's methods answer. @throws E065 */
  open(): Promise<AccountView>
}

/** All of the core as a face sees it through its port. */
export type Core = Gate & Client
