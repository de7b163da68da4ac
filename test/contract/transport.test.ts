/** What every transport promises, asked of the one in memory and of QUIC alike. */
import { afterEach, describe } from "vitest"
import { NETWORKS, TransportFixture } from "../fakes/networks.ts"
import { testConnections } from "./transport-connections.ts"
import { testStreams } from "./transport-streams.ts"

describe.each(NETWORKS)("$name", (network) => {
  const fixture = new TransportFixture(network)
  afterEach(async () => fixture.end())
  describe("streams", () => testStreams(fixture))
  describe("connections", () => testConnections(fixture))
})
