/** How a group fares on this profile. */

/** What `qpq doctor` finds of a group. */
export interface GroupHealth {
  readonly groupId: string
  readonly name: string
  /** waiting: its state here is lost or forked; a member has to add this device again. out: nobody did. */
  readonly state: "well" | "waiting" | "out"
  /** Since when it waits or waited, milliseconds since the Unix epoch. */
  readonly since: number | undefined
}
