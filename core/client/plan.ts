/** What somebody wants of a group, as a question about the group as it is by then. */
import type { Change, MlsGroup } from "../mls/group-engine.ts"

/** What is still to be done to the group as it is now; undefined when others have done it meanwhile. */
export type Plan = (group: MlsGroup) => Promise<Omit<Change, "now"> | undefined>
