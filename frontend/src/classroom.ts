import { loadCatalogues } from "./core/catalogues";
import { TutorEmotionClassroom } from "./ui/tutor-emotion-classroom";

async function define(): Promise<void> {
  await loadCatalogues();
  if (!customElements.get("tutor-emotion-classroom"))
    customElements.define("tutor-emotion-classroom", TutorEmotionClassroom);
}

void define();

declare global {
  interface HTMLElementTagNameMap {
    "tutor-emotion-classroom": TutorEmotionClassroom;
  }
}
