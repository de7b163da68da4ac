/** The connection as it is before anything is known of it. */
import type { LinkView } from "../../core/client/client-api.ts"

export const DISCONNECTED: LinkView = {
  state: "connecting",
  since: 0,
  tries: 0,
  retryAt: 0,
  lastSync: 0,
  roundTripMs: 0,
  code: undefined,
}
