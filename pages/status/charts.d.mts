import type { Moment } from "./numbers.mjs"

interface Read {
  readonly now: Moment
  readonly before: Moment
  /** Between the two. */
  readonly seconds: number
}
export interface Tile {
  readonly title: string
  readonly read: (span: Pick<Read, "now">) => number | undefined
}
export interface Chart {
  readonly title: string
  readonly unit: string
  readonly lines: readonly { readonly label: string; readonly read: (span: Read) => number | undefined }[]
}
export const TILES: readonly Tile[]
export const CHARTS: readonly Chart[]
