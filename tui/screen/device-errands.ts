/** What the pages with devices ask of the core. */
import type { Core } from "../../core/client/client-api.ts"
import type { DeviceView } from "../../core/client/device-view.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import type { PageOverlay } from "./pages.ts"
import { problemText } from "./problem-text.ts"
import type { ScreenStore } from "./screen-store.ts"
import { keyChange } from "./verify.ts"

type DevicePage = Extract<PageOverlay, { readonly page: "devices" }>
type PairingPage = Extract<PageOverlay, { readonly page: "pairing" }>

/** The server keeps the place for so long. */
const PAIRING_MS = 600_000

export class DeviceErrands {
  readonly #core: Pick<Core, "devices" | "pairing" | "takeIn" | "revokeDevice" | "nameDevice">
  readonly #store: ScreenStore

  constructor(core: Core, store: ScreenStore) {
    this.#core = core
    this.#store = store
  }

  /** An answer about somebody else than the page's comes too late. */
  show(user: string | undefined): void {
    const page = (): DevicePage | undefined => {
      const { overlay } = this.#store.getSnapshot()
      return overlay?.kind === "page" && overlay.page === "devices" && overlay.user === user ? overlay : undefined
    }
    this.#core.devices(user).then(
      (rows) => {
        const overlay = page()
        if (overlay) this.#store.apply({ kind: "overlayOpened", overlay: { ...overlay, rows } })
      },
      (thrown: unknown) => {
        const failure = toQpqError(thrown)
        const overlay = page()
        const problem = problemText(failure)
        if (overlay)
          this.#store.apply({ kind: "overlayOpened", overlay: { ...overlay, problem } }, ...keyChange(failure))
      },
    )
  }

  /** The code is shown until a device came with it; closing the page does not end that. */
  pair(): void {
    this.#open({ kind: "page", page: "pairing", view: undefined, added: undefined, problem: undefined })
    void this.#paired().catch((thrown: unknown) => {
      const page = this.#pairing()
      const problem = problemText(toQpqError(thrown))
      if (page) this.#open({ ...page, problem })
      else this.#say(problem, "bad")
    })
  }

  revoke({ id, name }: DeviceView): void {
    this.#store.apply({ kind: "dialogBusy" })
    this.#core.revokeDevice(id).then(
      () => {
        this.#store.apply({ kind: "overlayClosed" })
        this.#say(`Revoked: ${name === "" ? id.slice(0, ID_LETTERS) : name}. It is taken out of all groups.`, "good")
      },
      (thrown: unknown) => {
        this.#store.apply({ kind: "dialogFailed", problem: problemText(toQpqError(thrown)) })
      },
    )
  }

  name(id: string, name: string): void {
    this.#core.nameDevice(id, name).then(
      () => {
        this.#say(`Your devices call it ${name} now.`, "good")
      },
      (thrown: unknown) => {
        this.#say(problemText(toQpqError(thrown)), "bad")
      },
    )
  }

  /** Asks before one's own device whose id begins so is revoked. */
  askToRevoke(id: string): void {
    this.#core.devices().then(
      (devices) => {
        const found = devices.filter((device) => device.status === "active" && device.id.startsWith(id.toLowerCase()))
        const [device] = found
        if (!device || found.length > 1) this.#say("No device of yours, or several: see /devices.", "bad")
        else if (device.current) this.#say("This is the device at hand: revoke it from another one.", "bad")
        else {
          const overlay = { kind: "confirm", deed: "revoke", groupId: "", device, busy: false } as const
          this.#store.apply({ kind: "overlayOpened", overlay: { ...overlay, problem: undefined } })
        }
      },
      (thrown: unknown) => {
        this.#say(problemText(toQpqError(thrown)), "bad")
      },
    )
  }

  async #paired(): Promise<void> {
    const view = await this.#core.pairing()
    const page = this.#pairing()
    if (page) this.#open({ ...page, view })
    const added = await this.#core.takeIn(view.code, PAIRING_MS)
    const now = this.#pairing()
    if (now?.view?.code === view.code) this.#open({ ...now, added })
    else this.#say(`A new device of yours: ${added.name}.`, "good")
  }

  #pairing(): PairingPage | undefined {
    const { overlay } = this.#store.getSnapshot()
    return overlay?.kind === "page" && overlay.page === "pairing" ? overlay : undefined
  }

  #open(overlay: PairingPage): void {
    this.#store.apply({ kind: "overlayOpened", overlay })
  }

  #say(text: string, tone: "good" | "bad"): void {
    this.#store.apply({ kind: "toasted", text, tone })
  }
}

const ID_LETTERS = 8
