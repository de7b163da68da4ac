/** The certificate that new connections are shown: read anew, exchanged for the next one, its end told in time. */
import { equal } from "../../core/domain/bytes.ts"
import { DAY_MS } from "../../core/domain/limits.ts"
import { formatPin, formatServerAddress } from "../../core/domain/server-address.ts"
import type { World } from "../../core/domain/world.ts"
import type { ServerCertificate } from "../../core/transport/certificate.ts"
import { pinOf, readCertificate } from "../../core/transport/pin.ts"
import type { QuicListener } from "../../core/transport/quic-listener.ts"
import type { ServerConfig } from "../config.ts"
import type { HostPort } from "../config-values.ts"
import {
  exchangeCertificate,
  expiryWarning,
  nextCertificate,
  notAfterOf,
  outOfDate,
  prepareNextCertificate,
  serverCertificate,
} from "./certificate-files.ts"
import type { KeyChange } from "./admin-commands.ts"
import type { ServerLog } from "./log.ts"

export interface CertificateRooms {
  readonly config: ServerConfig
  readonly world: World
  readonly log: ServerLog
  readonly listener: Pick<QuicListener, "pin" | "useCertificate">
  /** Where clients dial. */
  readonly at: HostPort
}

export class ShownCertificate implements KeyChange {
  readonly #rooms: CertificateRooms
  #current: ServerCertificate
  #next: ServerCertificate | undefined

  /** @param current what the listener shows. @throws E072 */
  constructor(rooms: CertificateRooms, current: ServerCertificate) {
    this.#rooms = rooms
    this.#current = current
    this.#next = nextCertificate(rooms.config)
  }

  /** As clients are given it: with the pins of both keys while a next one is prepared. */
  get address(): string {
    const { at, listener } = this.#rooms
    const next = this.#next && pinOf(readCertificate(this.#next.certificatePem))
    return formatServerAddress({ ...at, pins: [listener.pin, ...(next ? [next] : [])] })
  }

  /** Milliseconds since the Unix epoch. */
  get notAfter(): number {
    return notAfterOf(this.#current.certificatePem)
  }

  /** Why clients who trust CAs refuse it now; undefined when they do not, or when all know its key. */
  untrusted(): string | undefined {
    const { config, world } = this.#rooms
    const isDated = config.tlsFiles !== undefined && config.trust === "ca"
    return isDated ? outOfDate(this.#current, world.clock.now()) : undefined
  }

  /** @throws E057, E071, E072, and the one before goes on being shown. */
  async reload(): Promise<void> {
    const { config, world } = this.#rooms
    this.#show(await serverCertificate(config, world))
    this.#next = nextCertificate(config)
  }

  /** @returns the address with both pins. @throws E071, E072 */
  async prepareNext(): Promise<string> {
    const { config, world, log } = this.#rooms
    this.#next = await prepareNextCertificate(config, world)
    log.info({ pins: this.address }, "the next certificate is prepared")
    return this.address
  }

  /** @returns the address with the new pin. @throws E071, E072, and the one before goes on being shown. */
  useNext(): string {
    const { config } = this.#rooms
    const before = this.#current
    const next = nextCertificate(config)
    if (next) this.#show(next)
    try {
      exchangeCertificate(config)
    } catch (thrown) {
      this.#show(before)
      throw thrown
    }
    this.#next = undefined
    return this.address
  }

  /** Tells once a day while the certificate is in its last days, or past them. */
  async watchExpiry(signal: AbortSignal): Promise<void> {
    const { clock } = this.#rooms.world
    while (!signal.aborted) {
      this.#warn()
      await clock.sleep(DAY_MS, signal).catch(() => undefined)
    }
  }

  #show(certificate: ServerCertificate): void {
    const { listener, log } = this.#rooms
    const pinBefore = listener.pin
    listener.useCertificate(certificate)
    this.#current = certificate
    const fields = { pin: formatPin(listener.pin), notAfter: new Date(this.notAfter).toISOString() }
    if (equal(pinBefore, listener.pin)) log.info(fields, "certificate read anew")
    else log.warn(fields, "new connections are shown another key: who only knows the pin of the one before is refused")
    this.#warn()
  }

  #warn(): void {
    const { log, world } = this.#rooms
    const warning = expiryWarning(this.#current, world.clock.now())
    if (warning !== undefined) log.warn(warning)
  }
}
