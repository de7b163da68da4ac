/** What a group, or the one other of a 1:1 conversation, is shown as. */
import type { GroupView } from "../../core/client/client-api.ts"
import { safeLine } from "./text-cells.ts"

export const titleOf = ({ name, peer }: Pick<GroupView, "name" | "peer">): string =>
  `${peer === undefined ? "#" : "@"} ${safeLine(name)}`
