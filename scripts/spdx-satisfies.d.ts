/** The package has no types of its own. */
declare module "spdx-satisfies" {
  /** @throws for an expression that is not one of SPDX. */
  export default function satisfies(expression: string, approved: readonly string[]): boolean
}
