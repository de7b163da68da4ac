/** What scripts/changelog.mjs offers. */

/** @returns the versions that have a heading with a date, newest first. */
export declare function releasedVersions(text: string): readonly string[]

/** @returns the text below the heading of a version, or of "Unreleased"; undefined when there is none, or it says nothing. */
export declare function sectionOf(text: string, version: string): string | undefined
