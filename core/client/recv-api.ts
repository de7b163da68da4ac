/** What a face may ask to follow conversations from where it stopped, as `qpq recv` does. Plain values. */

/** What somebody else said about a message that is here: the newest of each person and kind. */
export interface AnnotationView {
  /** Order in which it came to this profile, from 1. */
  readonly arrival: number
  readonly kind: "edit" | "reaction" | "deletion"
  readonly groupId: string
  readonly group: string
  /** Of the message that it is about, hex. */
  readonly id: string
  /** Account name of who wrote that message; of an edit and a deletion the sender's. */
  readonly author: string
  readonly sender: string
  /** Exactly as sent: clean it before it reaches a terminal. The text of an edit, or the emoji; empty: taken back. */
  readonly body: string
  /** What the message reads now, exactly as sent. */
  readonly about: string
  /** By the sender's clock, milliseconds since the Unix epoch. */
  readonly sentAt: number
  /** Whether the sender's safety number was compared. */
  readonly verified: boolean
}

export interface AnnotationRequest {
  readonly groupId: string
  /** Only what came after this arrival. */
  readonly after: number
  /** So many are looked at. */
  readonly limit: number
}

/** The first first. */
export interface AnnotationPage {
  readonly rows: readonly AnnotationView[]
  /** What came until here was looked at. */
  readonly upTo: number
  /** Nothing came after that. */
  readonly atEnd: boolean
}

export interface RecvClient {
  /** Place of the last row that `qpq recv` printed of a group; 0 before the first. */
  recvCursor(groupId: string): Promise<number>
  moveRecvCursor(groupId: string, place: number): Promise<void>
  /** What others said about messages. Of a deleted one only that it was deleted. @throws E033 */
  annotations(request: AnnotationRequest): Promise<AnnotationPage>
  /** Arrival of the last of these that `qpq recv` printed of a group; 0 before the first. */
  annotationCursor(groupId: string): Promise<number>
  moveAnnotationCursor(groupId: string, arrival: number): Promise<void>
}
