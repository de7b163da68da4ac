/** What scripts/sbom.mjs offers. */

/** @returns the text of the file, in the form of CycloneDX. */
export declare function sbom(): string
