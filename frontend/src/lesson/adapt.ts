import type { AdaptationKind } from "../protocol";
import type { Adaptation, ItemKind } from "./content";
import {
  type Action,
  examplesOf,
  following,
  hintsOf,
  nextUnsolved,
  type State,
  stepOf,
} from "./state";

/**
 * What an Adaptation changes here, as actions; empty where there is nothing to show.
 *
 * `choice` is what the learner took; null is a quiet change of pace, which waits for the next step.
 */
export function actionsFor(
  state: State,
  adaptation: Adaptation,
  choice: AdaptationKind | null,
): Action[] {
  const pace: Action[] =
    adaptation.pace === state.pace
      ? []
      : [{ do: "pace", pace: adaptation.pace, examples: adaptation.effects?.examples ?? 0 }];
  return [
    ...pace,
    ...(choice === null ? quiet(adaptation.kind) : taken(state, choice, adaptation)),
  ];
}

/** Without a word: nothing that is on the screen moves. */
function quiet(kind: AdaptationKind): Action[] {
  return kind === "hint_glow" ? [{ do: "glow" }] : [];
}

function taken(state: State, kind: AdaptationKind, { items = 1 }: Adaptation): Action[] {
  switch (kind) {
    case "hint":
      return [state.hints < hintsOf(state).length ? { do: "hint" } : lastHelp(state)];
    case "hint_glow":
      return [{ do: "glow" }];
    case "worked_step":
      return [lastHelp(state)];
    case "extra_example":
      return [state.examples < examplesOf(state) ? { do: "example" } : lastHelp(state)];
    case "segment":
    case "slow_down":
      return [segmented(state) ? { do: "segment" } : lastHelp(state)];
    case "encouragement":
      return [{ do: "strategy" }];
    case "easier_item":
      return [...sibling(state, kind), { do: "easier", items: items - 1 }];
    case "harder_item":
    case "prerequisite_item":
      return sibling(state, kind);
    case "speed_up":
      return state.right ? [] : sibling(state, "harder_item");
    case "switch_item":
      return [{ do: "open", slug: otherKind(state) }];
    case "why_probe":
      return [{ do: "card", card: "probe" }];
    case "break":
      return [{ do: "card", card: "break" }];
    case "choice":
      return [{ do: "card", card: "choice" }];
    case "confirm":
    case "teacher_flag":
      return [];
  }
}

/** The answer worked out; a sibling is worked out by its own help, which is its one hint. */
function lastHelp(state: State): Action {
  return state.item === "step" ? { do: "worked" } : { do: "hint" };
}

/** Whether the text on the screen comes in parts. */
function segmented(state: State): boolean {
  return state.item === "step" && (stepOf(state)?.segments.length ?? 0) > 1;
}

/** Beside the step that is on the screen, or beside the next one if this one is done. */
function sibling(state: State, kind: Exclude<ItemKind, "step" | "similar_item">): Action[] {
  if (!state.right) return stepOf(state)?.siblings[kind] ? [{ do: "sibling", item: kind }] : [];
  const next = following(state);
  return next === null ? [] : [{ do: "open", slug: next, item: kind }];
}

/** Another skill if one is unsolved, else another step. */
export function otherKind(state: State): string | null {
  const { content, solved, slug } = state;
  const skill = stepOf(state)?.skill;
  return (
    nextUnsolved(content, solved, slug, (step) => step.skill !== skill) ??
    nextUnsolved(content, solved, slug)
  );
}
