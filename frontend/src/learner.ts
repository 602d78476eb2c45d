import { loadCatalogues } from "./core/catalogues";
import { TutorEmotionLevel } from "./ui/level";
import { TutorEmotion } from "./ui/tutor-emotion";

/** A page may include the script twice; the second time changes nothing. */
async function define(): Promise<void> {
  await loadCatalogues();
  if (!customElements.get("tutor-emotion-level"))
    customElements.define("tutor-emotion-level", TutorEmotionLevel);
  if (!customElements.get("tutor-emotion")) customElements.define("tutor-emotion", TutorEmotion);
}

void define();

declare global {
  interface HTMLElementTagNameMap {
    "tutor-emotion": TutorEmotion;
    "tutor-emotion-level": TutorEmotionLevel;
  }
}
