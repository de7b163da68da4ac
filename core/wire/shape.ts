/** What each pointer of a struct must point to, as the schema says; written by scripts/gen.sh, read by kind-check. */

/** `null`: a pointer this program does not read, or one only a union's case uses. */
export type Slot =
  | "data"
  | "text"
  | { readonly struct: Shape }
  /** List of structs. */
  | { readonly list: Shape }
  /** List of Data or Text. */
  | { readonly each: "data" | "text" }
  /** List of scalars; the element size code of the encoding. */
  | { readonly scalars: number }
  | null

export interface Shape {
  /** One entry per pointer, in the order of the struct's pointer section. */
  readonly slots: readonly Slot[]
  readonly union?: {
    /** Byte offset of the 16-bit tag in the data section. */
    readonly tagAt: number
    /** Per tag value, the pointers of that case. A tag beyond them is of a newer version and is not read. */
    readonly cases: readonly (readonly Slot[])[]
  }
}
