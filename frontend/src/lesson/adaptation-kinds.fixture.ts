import type { AdaptationKind } from "../protocol";

const KINDS: Record<AdaptationKind, true> = {
  slow_down: true,
  speed_up: true,
  segment: true,
  hint: true,
  hint_glow: true,
  worked_step: true,
  extra_example: true,
  easier_item: true,
  harder_item: true,
  prerequisite_item: true,
  switch_item: true,
  why_probe: true,
  confirm: true,
  encouragement: true,
  break: true,
  choice: true,
  teacher_flag: true,
};

/** All of them: a kind that the protocol gains must be added here, or the types do not check. */
export const ADAPTATION_KINDS = Object.keys(KINDS) as AdaptationKind[];
