import type { Modality } from "../protocol";
import { type Api, codeOf } from "./api";
import { listDevices, type Sensor } from "./media";
import type { Action } from "./reduce";
import type { Sensing } from "./sensing";
import { isPermitted, isSensor, type LearnerState, lastTime, mayUse, tickedSensors } from "./state";

export interface Panel {
  state(): LearnerState;
  do(action: Action): void;
  /** The element has left the page meanwhile. */
  gone(): boolean;
  begin(): Promise<void>;
  giveUp(error: unknown): void;
}

/** What comes before the lesson: the question, the consent, the preview. */
export class Choosing {
  constructor(
    private readonly api: Api,
    private readonly sensing: Sensing,
    private readonly panel: Panel,
  ) {}

  async load(): Promise<void> {
    this.panel.do({ do: "busy", busy: true });
    try {
      this.panel.do({ do: "loaded", setup: await this.api.setup() });
    } catch (error) {
      this.panel.giveUp(error);
    }
  }

  tick(modality: Modality, on: boolean): void {
    this.panel.do({ do: "tick", modality, on });
  }

  tickCalibration(on: boolean): void {
    this.panel.do({ do: "tick_calibration", on });
  }

  async asLastTime(): Promise<void> {
    const sensors = lastTime(this.panel.state().setup).some(isSensor);
    this.panel.do({ do: "as_last_time" });
    await this.proceed(sensors);
  }

  /** With camera or microphone by way of the preview, or at once without them. */
  async proceed(withSensors: boolean): Promise<void> {
    if (this.panel.state().busy) return;
    if (!withSensors) this.panel.do({ do: "without_sensors" });
    else if (tickedSensors(this.panel.state()).length === 0) {
      this.panel.do({ do: "nudge" });
      return;
    }
    if (!(await this.consent())) return;
    const wanted = tickedSensors(this.panel.state()).filter((s) =>
      mayUse(this.panel.state().setup, s),
    );
    if (wanted.length > 0) await this.preview(wanted);
    else await this.panel.begin();
  }

  private async consent(): Promise<boolean> {
    const { setup, ticked, calibration } = this.panel.state();
    if (!setup) return false;
    this.panel.do({ do: "busy", busy: true });
    const wish = (m: Modality): boolean => ticked[m] && isPermitted(setup, m);
    const modalities = {
      face: wish("face"),
      voice: wish("voice"),
      text: wish("text"),
      interaction: wish("interaction"),
      self_report: wish("self_report"),
    };
    try {
      // Where the course does not ask, what was agreed to before stays as it is.
      const labels = setup.calibration.offered ? calibration : null;
      const answer = await this.api.consent(setup.text_version, modalities, labels);
      this.panel.do({ do: "loaded", setup: answer });
      return !this.panel.gone();
    } catch (error) {
      const code = codeOf(error);
      this.panel.do({ do: "failed", code });
      if (code === "old_text") await this.load();
      return false;
    }
  }

  async preview(wanted: readonly Sensor[]): Promise<void> {
    this.panel.do({ do: "preview", wanted });
    const { camera, microphone } = this.panel.state();
    const opened = await this.sensing.open(wanted, { camera, microphone });
    if (!opened || this.panel.state().phase !== "preview") return;
    this.panel.do({ do: "media", access: opened.access, stream: opened.stream });
    if (opened.stream) this.panel.do({ do: "devices", devices: await listDevices() });
  }

  async pickDevice(kind: "camera" | "microphone", id: string): Promise<void> {
    this.panel.do({ do: "device", kind, id });
    await this.preview(this.panel.state().wanted);
  }

  /** From the preview: take back the consent for both sensors, and begin without them. */
  async beginWithout(): Promise<void> {
    if (this.panel.state().busy) return;
    this.sensing.release();
    this.panel.do({ do: "media", access: "none", stream: null });
    this.panel.do({ do: "without_sensors" });
    if (await this.consent()) await this.panel.begin();
  }
}
