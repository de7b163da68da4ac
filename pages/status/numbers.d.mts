export interface Series {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}
export type Moment = ReadonlyMap<string, readonly Series[]>
/** Two moments, the later one first. */
export interface Span {
  readonly now: Moment
  readonly before: Moment
}
type Fits = (labels: Readonly<Record<string, string>>) => boolean

export function parsed(text: string): Moment
export function sumOf(series: Moment, name: string, fits?: Fits): number | undefined
export function growth(span: Span, name: string, fits?: Fits): number | undefined
export function quantileBetween(span: Span, name: string, share: number, fits?: Fits): number | undefined
