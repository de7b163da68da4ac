/** The connection of the scripted core, and how it tells what happens. */
import { eventStream } from "../../core/client/event-stream.ts"
import type { ClientEvent, LinkView } from "../../core/client/client-api.ts"
import { packageVersion } from "../../core/domain/package-root.ts"
import type { ServerVersions } from "../../core/domain/versions.ts"
import { FakeGate } from "./fake-gate.ts"
import { START } from "./fake-group.ts"

export class FakeWire extends FakeGate {
  readonly #stream = eventStream<ClientEvent>({ queueLengthMax: 10_000, lagged: { kind: "lagged" } })
  #link: LinkView = {
    state: "online",
    since: START,
    tries: 0,
    retryAt: 0,
    lastSync: START,
    roundTripMs: 12,
    code: undefined,
  }

  setLink(link: Partial<LinkView>): void {
    this.#link = { ...this.#link, ...link }
    this.tell({ kind: "link", link: this.#link })
  }

  tell(event: ClientEvent): void {
    this.#stream.emit(event)
  }

  readonly link = async (): Promise<LinkView> => this.#link
  async ping(): Promise<number> {
    return this.#link.roundTripMs
  }

  versions: ServerVersions = { software: `qpq-server ${packageVersion()}`, wireVersion: 1, authVersion: 1 }
  readonly serverVersions = async (): Promise<ServerVersions> => this.versions

  readonly memory: Record<string, string> = {}
  readonly remembered = async (): Promise<Readonly<Record<string, string>>> => ({ ...this.memory })
  readonly remember = async (name: string, value: string): Promise<void> => {
    this.memory[name] = value
  }

  readonly events = (signal: AbortSignal): AsyncIterable<ClientEvent> => this.#stream.follow(signal)
}
