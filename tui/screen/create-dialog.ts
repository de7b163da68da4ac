/** The dialog that makes a group as a value: its name, whom it begins with, and what is wrong with either. */
import { GROUP_NAME_BYTES_MAX } from "../../core/domain/app-message.ts"
import { isUserName } from "../../core/domain/user-name.ts"
import { composerOf } from "./composer.ts"
import type { Composer } from "./composer.ts"
import { safeLine } from "./text-cells.ts"

/** Added by the one commit that a group begins with. */
const FIRST_MEMBERS_MAX = 50

export type CreateField = "name" | "members"

export interface CreateOverlay {
  readonly kind: "create"
  readonly name: Composer
  /** User names with spaces or commas between them. */
  readonly members: Composer
  /** Where is written. */
  readonly field: CreateField
  /** The group that is there by now: all that is left is to invite. */
  readonly made: string | undefined
  readonly busy: boolean
  readonly problem: string | undefined
  /** Beside which the problem stands. */
  readonly problemAt: CreateField
}

export type CreateWish =
  | { readonly kind: "createFieldMoved" }
  | { readonly kind: "createMade"; readonly groupId: string }
  | { readonly kind: "createFailed"; readonly at: CreateField; readonly problem: string }

export const FIELD_BYTES_MAX: Readonly<Record<CreateField, number>> = { name: GROUP_NAME_BYTES_MAX, members: 1024 }

export const createOverlay = (name = ""): CreateOverlay => ({
  kind: "create",
  name: composerOf(name),
  members: composerOf(""),
  field: "name",
  made: undefined,
  busy: false,
  problem: undefined,
  problemAt: "name",
})

/** Each once. */
export const firstMembers = ({ members }: Pick<CreateOverlay, "members">): readonly string[] => [
  ...new Set(members.text.split(/[\s,]+/u).filter((name) => name !== "")),
]

/** What can be said of the names before anybody is asked. @param me who makes the group. */
export function firstMembersProblem(names: readonly string[], me: string | undefined): string | undefined {
  const wrong = names.filter((name) => !isUserName(name)).map((name) => `"${safeLine(name)}"`)
  const [one, ...others] = wrong
  if (one !== undefined) {
    const who = others.length === 0 ? `${one} is no user name` : `${wrong.join(", ")} are no user names`
    return `${who}: 1 to 32 characters of a-z 0-9 . _ -`
  }
  if (me !== undefined && names.includes(me)) return `You are in it anyway: take "${me}" out.`
  return names.length > FIRST_MEMBERS_MAX
    ? `${names.length} are too many at once: name up to ${FIRST_MEMBERS_MAX}, and invite the others later.`
    : undefined
}

/** The others that a group of these begins with, as far as they can be names. */
export const countOfOthers = (overlay: CreateOverlay, me: string | undefined): number =>
  firstMembers(overlay).filter((name) => isUserName(name) && name !== me).length
