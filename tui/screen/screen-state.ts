/** What is on the screen, and what may change it. Plain values: no Ink, no promises, no clock. */
import type { PersonView } from "./member-people.ts"
import type { DeviceView } from "../../core/client/device-view.ts"
import type {
  AccountView,
  ClientEvent,
  GroupView,
  LineName,
  LinkView,
  MemberView,
  TimelineView,
  TransferView,
  UserView,
} from "../../core/client/client-api.ts"
import type { VerificationView } from "../../core/client/verification-view.ts"
import type { ErrorCode } from "../../core/domain/errors.ts"
import type { Completing, Completion } from "./completion.ts"
import type { Composer, Edit } from "./composer.ts"
import type { StrengthView } from "../../core/client/password-strength.ts"
import type { CreateOverlay, CreateWish } from "./create-dialog.ts"
import type { LogoutOverlay, PasswordOverlay, PasswordWish, RecoveryCodeOverlay } from "./password-dialog.ts"
import type { FirstRun } from "./first-run.ts"
import type { FrameSize } from "./frame-writer.ts"
import type { KeyNames } from "./key-names.ts"
import type { PageOverlay } from "./pages.ts"
import type { ReaderState, ReaderWish } from "./reader/reader-state.ts"
import type { Background, ThemeBy, ThemeName } from "./themes.ts"
import type { KeyChangedOverlay, VerifyOverlay } from "./verify.ts"
import type { SearchAnswer, SearchOverlay } from "./search-overlay.ts"

/** Where in the rows the view ends, when it does not show the newest. */
export interface Anchor {
  readonly place: number
  /** Lines of that row below the view. */
  readonly hidden: number
}

export interface OpenGroup {
  readonly groupId: string
  /** Oldest first. */
  readonly rows: readonly TimelineView[]
  /** No older rows exist. */
  readonly complete: boolean
  /** No newer rows exist. */
  readonly atEnd: boolean
  /** The newest rows are to be read and shown. */
  readonly wantsNewest: boolean
  /** Messages of others that came below the view. */
  readonly newBelow: number
  readonly members: readonly PersonView[]
  /** The epoch `members` are of. */
  readonly membersEpoch: number
  /** Place of the first row that was new when the group was opened, or that came while nobody looked. */
  readonly newFrom: number | undefined
  readonly newCount: number
  /** Nobody has looked since: what comes is counted there too. */
  readonly newGrows: boolean
  /** undefined: live, the newest row is at the bottom. */
  readonly anchor: Anchor | undefined
  /** Place of the message that is selected. */
  readonly marked: number | undefined
}

/** Where in a conversation to go. view: it ends there. */
export type Spot = { readonly kind: "newest" } | { readonly kind: "line" | "view"; readonly place: number }

/** Where one was. */
export interface Whereabouts {
  readonly groupId: string
  readonly at: Spot
}
export type Transfers = Readonly<Record<string, TransferView>>

/** The message that the text being written is about. */
export interface About {
  readonly kind: "reply" | "edit"
  readonly line: LineName
  /** Who said it, and how it begins. */
  readonly label: string
}

export type ListName =
  "palette" | "switcher" | "help" | "invites" | "members" | "log" | "reactions" | "sent" | "verify" | "links"

export type Overlay =
  | {
      readonly kind: "list"
      readonly list: ListName
      readonly query: Composer
      readonly at: number
      /** The message that is reacted to. */
      readonly line?: LineName
      /** One of which is opened. */
      readonly links?: readonly string[]
      /** Opened over it: it is there again afterwards. */
      readonly over?: Overlay
    }
  | CreateOverlay
  /** With whom to talk alone. */
  | { readonly kind: "direct"; readonly name: Composer; readonly busy: boolean; readonly problem: string | undefined }
  | {
      readonly kind: "invite"
      readonly groupId: string
      readonly name: Composer
      readonly found: UserView | undefined
      /** Nobody has the name that stands there. */
      readonly missing: boolean
      readonly busy: boolean
      readonly problem: string | undefined
      /** The person says that they compared the number that is shown. */
      readonly compared: boolean
    }
  | {
      readonly kind: "remove"
      readonly groupId: string
      /** Who is meant; undefined while only what is typed says it. */
      readonly target: string | undefined
      readonly name: Composer
      readonly busy: boolean
      readonly problem: string | undefined
    }
  | {
      readonly kind: "confirm"
      readonly deed: Deed
      readonly groupId: string
      /** The message that is deleted. */
      readonly line?: LineName
      /** Not everybody got what is deleted. */
      readonly isHalf?: boolean
      /** Who is blocked. */
      readonly user?: string
      /** One's own that is revoked. */
      readonly device?: DeviceView
      readonly busy: boolean
      readonly problem: string | undefined
    }
  | { readonly kind: "stopServer"; readonly busy: boolean; readonly problem: string | undefined }
  | { readonly kind: "status" }
  | PageOverlay
  | VerifyOverlay
  | KeyChangedOverlay
  | SearchOverlay
  | PasswordOverlay
  | RecoveryCodeOverlay
  | LogoutOverlay
  | { readonly kind: "blocking"; readonly code: ErrorCode; readonly text: string }

/** What is asked about before it is done. */
export type Deed = "update" | "leave" | "decline" | "delete" | "block" | "revoke"

export type Focus = "composer" | "groups" | "messages" | "members"

export type Tone = "said" | "good" | "bad"

export interface Toast {
  readonly text: string
  readonly tone: Tone
  readonly until: number
}

export interface LogLine {
  readonly at: number
  readonly text: string
}

export interface ScreenState {
  readonly size: FrameSize
  readonly theme: ThemeName
  readonly themeBy: ThemeBy
  /** As the terminal says, or dark. */
  readonly background: Background
  /** In force, as the screen shows them. */
  readonly keys: KeyNames
  readonly now: number
  /** The person looks elsewhere. */
  readonly away: boolean
  readonly stage: "firstRun" | "chat"
  readonly firstRun: FirstRun
  readonly account: AccountView | undefined
  readonly link: LinkView
  readonly queued: number
  /** Files on their way, by the id of their message. */
  readonly transfers: Transfers
  /** Who is writing, by the conversation's id. */
  readonly typing: Readonly<Record<string, readonly string[]>>
  readonly groups: readonly GroupView[]
  /** Ids of the groups as they are listed. */
  readonly order: readonly string[]
  readonly sort: "recent" | "name"
  /** What the profile holds was read. */
  readonly isLoaded: boolean
  /** Place of the newest line when everything was last read. */
  readonly newestAtStart: number
  /** The conversation that was open when the program was left. */
  readonly lastLeft: string | undefined
  readonly open: OpenGroup | undefined
  /** The conversation that is being read, to be opened. */
  readonly opening: string | undefined
  /** Open before this one. */
  readonly lastId: string | undefined
  /** Before the first jump. */
  readonly cameFrom: Whereabouts | undefined
  readonly composer: Composer
  readonly completing: Completing | undefined
  readonly about: About | undefined
  /** Of the groups that are not open. */
  readonly drafts: Readonly<Record<string, Composer>>
  /** Sent texts, oldest first. */
  readonly history: readonly string[]
  readonly focus: Focus
  /** The marked row of the focused list. */
  readonly listAt: number
  /** The terminal tells of the mouse. */
  readonly mouse: boolean
  /** The messages alone. */
  readonly plain: boolean
  readonly panes: { readonly groups: boolean; readonly members: boolean }
  readonly overlay: Overlay | undefined
  /** Of the panel that is seen, where it is larger than the terminal; from 0. */
  readonly panelPage: number
  /** Of the password that is being made up. */
  readonly strength: StrengthView | undefined
  /** undefined: it is shown, not read out. */
  readonly reader: ReaderState | undefined
  readonly toast: Toast | undefined
  readonly log: readonly LogLine[]
}

/** What a person asks for, or what an errand brought; how it is asked for is key-map.ts's affair. */
export type Wish =
  | ReaderWish
  | CreateWish
  | PasswordWish
  | { readonly kind: "resized"; readonly size: FrameSize }
  | { readonly kind: "ticked"; readonly now: number }
  | { readonly kind: "lookedAway"; readonly away: boolean }
  | { readonly kind: "firstRun"; readonly next: FirstRun }
  | { readonly kind: "entered"; readonly account: AccountView }
  | {
      readonly kind: "loaded"
      readonly link: LinkView
      readonly groups: readonly GroupView[]
      readonly queued: number
      /** Place of the newest line of all. */
      readonly newest?: number
      /** How the person left the screen. */
      readonly memory?: Readonly<Record<string, string>>
    }
  /** undefined: it cannot be read. */
  | { readonly kind: "opening"; readonly groupId: string | undefined }
  | {
      readonly kind: "opened"
      readonly groupId: string
      readonly rows: readonly TimelineView[]
      readonly members: readonly MemberView[]
      readonly complete: boolean
      /** Without it they are the newest ones. */
      readonly atEnd?: boolean
      /** Place of the first row that was not read. */
      readonly newFrom?: number | undefined
      /** Without it the view stays where it is in this conversation. */
      readonly at?: Spot
      /** Of a jump. */
      readonly cameFrom?: Whereabouts
    }
  | {
      readonly kind: "olderRead"
      readonly groupId: string
      readonly rows: readonly TimelineView[]
      readonly complete: boolean
    }
  | {
      readonly kind: "newerRead"
      readonly groupId: string
      readonly rows: readonly TimelineView[]
      readonly atEnd: boolean
    }
  | {
      readonly kind: "membersRead"
      readonly groupId: string
      readonly epoch: number
      readonly members: readonly MemberView[]
    }
  | { readonly kind: "edited"; readonly edit: Edit }
  | { readonly kind: "completed"; readonly completion: Completion }
  | { readonly kind: "offerDropped" }
  | { readonly kind: "composerCleared" }
  | { readonly kind: "composerFilled"; readonly text: string }
  /** In an editor; `base` is what was in the composer of that group then. */
  | { readonly kind: "rewritten"; readonly groupId: string; readonly base: Composer; readonly text: string }
  | { readonly kind: "sent"; readonly text: string }
  | { readonly kind: "unsent"; readonly groupId: string; readonly text: string }
  | { readonly kind: "focused"; readonly focus: Focus }
  | { readonly kind: "listMoved"; readonly by: number }
  /** Of the selected message. */
  | { readonly kind: "markMoved"; readonly by: number | "first" | "last" }
  /** From now on the text is about it; `text` stands in the composer. */
  | { readonly kind: "aboutChosen"; readonly about: About; readonly text?: string }
  | { readonly kind: "aboutDropped" }
  | { readonly kind: "scrolled"; readonly by: number | "top" | "live" }
  | { readonly kind: "themed"; readonly theme?: ThemeName; readonly background?: Background }
  | { readonly kind: "sorted"; readonly sort: ScreenState["sort"] }
  | { readonly kind: "paneToggled"; readonly pane: "groups" | "members" }
  | { readonly kind: "mouseSwitched" }
  | { readonly kind: "plainSwitched" }
  /** Of the messages in view, counted from the top: selects what stands there. */
  | { readonly kind: "lineChosen"; readonly line: number }
  | { readonly kind: "overlayOpened"; readonly overlay: Overlay }
  | { readonly kind: "overlayClosed" }
  | { readonly kind: "panelTurned"; readonly page: number }
  | { readonly kind: "dialogBusy" }
  | { readonly kind: "dialogFailed"; readonly problem: string }
  /** Answers about a name that no longer stands in the dialog come too late. */
  | { readonly kind: "userFound"; readonly asked: string; readonly user: UserView }
  | { readonly kind: "userMissing"; readonly asked: string }
  | { readonly kind: "comparedChosen"; readonly compared: boolean }
  | { readonly kind: "verificationRead"; readonly view: VerificationView }
  /** Of the number that is shown. */
  | { readonly kind: "formChanged" }
  | { readonly kind: "searchAnswered"; readonly answer: SearchAnswer }
  | { readonly kind: "toasted"; readonly text: string; readonly tone: Tone }

export type Change = ClientEvent | Wish

export type ChangeOf = { readonly [Some in Change as Some["kind"]]: Some }

/** How each of some kinds of change changes the state. */
export type Reducers<Kind extends Change["kind"]> = {
  readonly [Some in Kind]: (state: ScreenState, change: ChangeOf[Some]) => ScreenState
}
