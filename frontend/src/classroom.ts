import { TutorEmotionClassroom } from "./ui/tutor-emotion-classroom";

if (!customElements.get("tutor-emotion-classroom"))
  customElements.define("tutor-emotion-classroom", TutorEmotionClassroom);

declare global {
  interface HTMLElementTagNameMap {
    "tutor-emotion-classroom": TutorEmotionClassroom;
  }
}
