/** What the screen asks of the core about files. */
import type { Core, GroupView, LineName } from "../../core/client/client-api.ts"
import { toQpqError } from "../../core/domain/errors.ts"
import { countText, exportToFile } from "../conversation-export.ts"
import { expanded } from "../downloads.ts"
import { problemText } from "./problem-text.ts"
import type { ScreenStore } from "./screen-store.ts"
import { safeLine } from "./text-cells.ts"

/** Folders of whoever sits at the terminal. */
export interface Folders {
  readonly home: string
  readonly downloads: string
}

export class FileErrands {
  readonly #core: Core
  readonly #store: ScreenStore
  readonly #folders: Folders

  constructor(core: Core, store: ScreenStore, folders: Folders) {
    this.#core = core
    this.#store = store
    this.#folders = folders
  }

  send(groupId: string, path: string): void {
    this.#start(async () => {
      await this.#core.sendFile(groupId, expanded(path, this.#folders.home))
    })
  }

  /** Into the downloads folder, and says where. */
  save(line: LineName): void {
    this.#start(async () => {
      const path = await this.#core.saveFile(line, { path: this.#folders.downloads, overwrite: false })
      this.#store.apply({ kind: "toasted", text: `Saved as ${safeLine(path)}`, tone: "good" })
    })
  }

  /** The whole conversation as JSON lines, and says where. */
  export({ groupId, name }: Pick<GroupView, "groupId" | "name">, path: string): void {
    this.#start(async () => {
      this.#store.apply({ kind: "toasted", text: `Exporting ${safeLine(name)}`, tone: "said" })
      const order = { client: this.#core, groupId, name, path: expanded(path, this.#folders.home) }
      const written = await exportToFile({ ...order, signal: new AbortController().signal })
      const text = `${countText(written.lines)} written to ${safeLine(written.path)}`
      this.#store.apply({ kind: "toasted", text, tone: "good" })
    })
  }

  stop(line: LineName): void {
    this.#start(() => this.#core.stopSaving(line))
  }

  /** Whatever goes wrong with a file is no danger to the profile. */
  #start(job: () => Promise<void>): void {
    job().catch((thrown: unknown) => {
      this.#store.apply({ kind: "toasted", text: problemText(toQpqError(thrown)), tone: "bad" })
    })
  }
}
