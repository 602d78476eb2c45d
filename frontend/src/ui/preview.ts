import { html, nothing, type TemplateResult } from "lit";
import type { Learner } from "../core/learner";
import type { Device, Sensor } from "../core/media";
import type { LearnerState } from "../core/state";
import { fill, type Words } from "../core/words";

interface View {
  state: LearnerState;
  learner: Learner;
  words: Words;
}

/** The learner sees what would be used, and nothing is sent yet. */
export function preview(view: View): TemplateResult {
  const { state, learner, words } = view;
  const { t } = words;
  const names = words.list(state.wanted.map((sensor) => t.modality[sensor]));
  const told = fill(t.access[state.access], { list: names });
  const refused = !["asking", "ready", "none"].includes(state.access);
  return html`<div class="step">
    <header>
      <h2 tabindex="-1">${t.preview.title}</h2>
      <p>${t.preview.lead}</p>
    </header>
    ${told ? html`<p class="line" role="status">${told}</p>` : nothing}
    ${state.stream ? devices(view, state.stream) : nothing}
    ${state.error ? html`<p class="line">${words.error(state.error)}</p>` : nothing}
    <div class="row">
      ${
        state.stream
          ? html`<button type="button" class="main" id="begin" aria-disabled=${state.busy}
              @click=${() => learner.begin()}>${t.preview.begin}</button>`
          : nothing
      }
      ${
        refused
          ? html`<button type="button" id="retry" @click=${() => learner.choosing.preview(state.wanted)}>
              ${t.choose.retry}
            </button>`
          : nothing
      }
      <button type="button" id="begin-without" aria-disabled=${state.busy}
        @click=${() => learner.choosing.beginWithout()}>${t.preview.without}</button>
      <button type="button" class="quiet" id="back" @click=${() => learner.chooseAgain()}>
        ${t.preview.back}
      </button>
    </div>
  </div>`;
}

function devices(view: View, stream: MediaStream): TemplateResult {
  const { wanted } = view.state;
  const { t } = view.words;
  const camera = wanted.includes("face");
  const microphone = wanted.includes("voice");
  return html`<div class="mirror ${camera ? "both" : ""}">
    ${
      camera
        ? html`<video .srcObject=${stream} .muted=${true} autoplay playsinline
            aria-label=${t.preview.video}></video>`
        : nothing
    }
    <div class="devices">
      ${camera ? picker(view, "camera", "face") : nothing}
      ${
        microphone
          ? html`${picker(view, "microphone", "voice")}
              <div>
                <tutor-emotion-level .stream=${stream} .label=${t.preview.level}>
                </tutor-emotion-level>
                <p class="muted small">${t.preview.speak}</p>
              </div>`
          : nothing
      }
    </div>
  </div>`;
}

function picker(view: View, kind: Device["kind"], sensor: Sensor): TemplateResult {
  const { state, learner, words } = view;
  const found = state.devices.filter((device) => device.kind === kind);
  const current = state[kind] || currentId(state.stream, sensor);
  return html`<label class="device">
    ${words.t.preview[kind]}
    <select id=${kind}
      @change=${(event: Event) =>
        learner.choosing.pickDevice(kind, (event.target as HTMLSelectElement).value)}>
      ${found.map(
        (device, index) => html`<option value=${device.id} ?selected=${device.id === current}>
          ${device.label || fill(words.t.preview.unnamed, { n: words.number(index + 1) })}
        </option>`,
      )}
    </select>
  </label>`;
}

function currentId(stream: MediaStream | null, sensor: Sensor): string {
  const tracks = sensor === "face" ? stream?.getVideoTracks() : stream?.getAudioTracks();
  return tracks?.[0]?.getSettings().deviceId ?? "";
}
