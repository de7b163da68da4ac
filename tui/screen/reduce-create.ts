/** How wishes change the dialog that makes a group. */
import type { CreateOverlay, CreateWish } from "./create-dialog.ts"
import type { Reducers, ScreenState } from "./screen-state.ts"

export const CREATE_REDUCERS: Reducers<CreateWish["kind"]> = {
  createFieldMoved: (state) =>
    mapCreate(state, (dialog) =>
      dialog.busy || dialog.made !== undefined
        ? dialog
        : { ...dialog, field: dialog.field === "name" ? "members" : "name" },
    ),
  createMade: (state, { groupId }) => mapCreate(state, (dialog) => ({ ...dialog, made: groupId, field: "members" })),
  createFailed: (state, { at, problem }) =>
    mapCreate(state, (dialog) => {
      // Once the group is there its name is asked for no more.
      const field = dialog.made === undefined ? at : "members"
      return { ...dialog, busy: false, problem, problemAt: field, field }
    }),
}

const mapCreate = (state: ScreenState, change: (dialog: CreateOverlay) => CreateOverlay): ScreenState =>
  state.overlay?.kind === "create" ? { ...state, overlay: change(state.overlay) } : state
