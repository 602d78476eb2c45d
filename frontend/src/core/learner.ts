import type {
  AdaptationKind,
  AdaptationMessage,
  Contact,
  FromLearner,
  Modality,
  SelfReportMessage,
  Status,
  ToLearner,
  Welcome,
} from "../protocol";
import { watchActivity } from "./activity";
import { type Api, codeOf } from "./api";
import { Choosing } from "./choosing";
import type { Sensor } from "./media";
import { Offers } from "./offers";
import type { PeerFactory } from "./peer";
import { type Action, reduce } from "./reduce";
import { Remarks } from "./remarks";
import { Reports } from "./reports";
import { Sensing } from "./sensing";
import { Socket, type SocketOptions } from "./socket";
import { initial, isSensor, type LearnerState, mayUse } from "./state";
import { Store } from "./store";
import { traced } from "./trace";

/** Reasons of the server for having closed a peer that is worth replacing. */
const LOST = ["connect_timeout", "connection_failed", "connection_closed", "stalled_too_long"];

/** The first protocol whose servers understand `numbered` and `media_sending`. */
const NUMBERS_SINCE = 2;

export interface LearnerOptions {
  api: Api;
  socketUrl(path: string): string;
  /** For the lesson. */
  adapt(adaptation: AdaptationMessage, choice: AdaptationKind | null): void;
  held(): boolean;
  page?: Document;
  socket?: SocketOptions;
  peer?: PeerFactory;
}

/** What `ready` resolves to. */
export interface Ready {
  session: string | null;
  allowed: readonly Modality[];
}

/** One learner with one lesson, from the first question to the end; knows no element. */
export class Learner {
  readonly store = new Store<LearnerState, Action>(initial, reduce);
  readonly ready: Promise<Ready>;
  private settle: (ready: Ready) => void = () => undefined;
  readonly choosing: Choosing;
  private readonly sensing: Sensing;
  private readonly offers: Offers;
  private readonly reports: Reports;
  private readonly page: Document;
  private socket: Socket<ToLearner, FromLearner> | null = null;
  private unwatch: (() => void) | null = null;
  private readonly remarks = new Remarks((action) => this.do(action));
  /** The newest contact that the learner has put away. */
  private putAway = 0;
  private gone = false;
  /** Whether an operator follows what this page reports. */
  private traced = false;
  /** Of the server that we are connected to; in an upgrade it may be older than this page. */
  private protocol = 0;

  constructor(private readonly options: LearnerOptions) {
    this.page = options.page ?? document;
    this.ready = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.sensing = new Sensing(
      {
        send: (message) => {
          if (message.type !== "media_sending" || this.numbers) this.socket?.send(message);
        },
        restartSocket: () => this.socket?.restart(),
        doubtSocket: () => this.socket?.doubt(),
        step: (step) => step !== "full" && this.remarks.lighter(this.state),
        gone: (code) => this.sensorsGone(code),
      },
      options.peer,
    );
    this.choosing = new Choosing(options.api, this.sensing, {
      state: () => this.state,
      do: (action) => this.do(action),
      gone: () => this.gone,
      begin: () => this.begin(),
      giveUp: (error) => this.giveUp(error),
    });
    this.offers = new Offers({
      show: (offer) => this.do({ do: "offer", offer }),
      say: (quiet) => this.remarks.quiet(quiet),
      hide: (note) => this.remarks.answered(note),
      outcome: (message) => this.reports.report(message),
      adapt: options.adapt,
      held: options.held,
    });
    this.reports = new Reports({
      open: () => this.state.link === "open",
      reading: () => this.state.phase === "running" && this.state.use === "on",
      allowed: () => this.state.allowed,
      numbers: () => this.numbers,
      trySend: (report) => this.socket?.trySend(this.traced ? traced(report) : report) === true,
    });
  }

  get state(): LearnerState {
    return this.store.state;
  }

  private get numbers(): boolean {
    return this.protocol >= NUMBERS_SINCE;
  }

  /** Null if the event was accepted; never throws into the lesson. */
  report(event: unknown): string | null {
    return this.reports.report(event);
  }

  async load(): Promise<void> {
    await this.choosing.load();
  }

  /** Back to the question, with nothing in use and nothing ticked. */
  chooseAgain(): void {
    this.stop();
    this.do({ do: "choose" });
    void this.askAgain();
  }

  // --- the lesson runs --------------------------------------------------------------------------

  async begin(): Promise<void> {
    if (this.state.busy) return;
    this.do({ do: "busy", busy: true });
    try {
      if (!this.socket) await this.openSocket();
      else this.startAgain();
    } catch (error) {
      this.dropSensors();
      this.giveUp(error);
    }
  }

  /** One click, and nothing is read; the next click goes on. */
  pause(paused: boolean): void {
    if (paused) this.offers.ignore();
    this.do({ do: "use", use: paused ? "paused" : "on" });
    this.sensing.pause(paused);
    this.socket?.send({ type: "media_pause", paused });
    this.watch();
    if (!paused) this.reports.repeatStep();
  }

  /** One click, and nothing is in use any more: the tracks are stopped, not muted. */
  stop(): void {
    this.offers.ignore();
    this.dropSensors();
    if (this.state.use === "paused") this.socket?.send({ type: "media_pause", paused: false });
    this.do({ do: "use", use: "stopped" });
    this.socket?.send({ type: "media_stop" });
    this.watch();
  }

  /** After a stop: lesson activity alone, as far as it was agreed to. */
  goOnWithout(): void {
    this.startAgain();
  }

  /** After another tab took over, or after a failure: take it back here. */
  useHere(): void {
    if (this.socket) this.socket.open();
    else void this.load();
  }

  /** The network may be another one, or the page is looked at again. */
  hurry(): void {
    this.socket?.hurry();
    this.sensing.check();
  }

  feel(feeling: SelfReportMessage["feeling"]): void {
    if (this.reports.report({ type: "self_report", feeling }) === null) this.remarks.note("told");
  }

  take(choice: AdaptationKind): void {
    this.offers.take(choice);
  }

  dismiss(): void {
    this.offers.dismiss();
  }

  wrong(): void {
    this.offers.wrong();
  }

  /** The learner has read whom they may talk to. */
  closeContact(): void {
    this.putAway = Math.max(this.putAway, this.state.contact?.id ?? 0);
    this.do({ do: "contact", contact: null });
  }

  /** Shown at once is what the offer brought; a worker may know more in some seconds. */
  why(): void {
    this.do({ do: "why" });
    const { offer, why, also } = this.state;
    if (offer && why && also.length === 0)
      this.socket?.trySend({ type: "ask_why", adaptation: offer.id });
  }

  /** The element left the page: let everything go. */
  dispose(): void {
    this.gone = true;
    this.remarks.stop();
    this.offers.ignore();
    this.dropSensors();
    this.unwatch?.();
    this.reports.stop();
    this.socket?.close();
    this.settle({ session: null, allowed: [] });
  }

  // --- inside -----------------------------------------------------------------------------------

  private do(action: Action): void {
    if (!this.gone) this.store.dispatch(action);
  }

  private async openSocket(): Promise<void> {
    const { session, socket_path, ticket } = await this.options.api.openSession();
    if (this.gone) return;
    let first = ticket;
    const next = (): string | Promise<string> => {
      const given = first || this.options.api.ticket(session);
      first = "";
      return given;
    };
    this.do({ do: "begin" });
    this.socket = new Socket<ToLearner, FromLearner>(
      this.options.socketUrl(socket_path),
      next,
      {
        message: (message) => this.received(message),
        link: (link, closeCode) => {
          if (link !== "open") this.sensing.hangUp();
          if (link === "closed") this.dropSensors();
          // What may go over an open connection is only known from its Welcome.
          this.do({ do: "link", link: link === "open" ? "connecting" : link, closeCode });
          this.watch();
        },
      },
      this.options.socket,
    );
    this.socket.open();
  }

  /** The socket is there; only what is read changes. */
  private startAgain(): void {
    this.do({ do: "begin" });
    this.socket?.restart(); // a fresh Welcome says what is allowed now, and the peer follows it
  }

  private received(message: ToLearner): void {
    if (message.type === "welcome") this.welcomed(message);
    else if (message.type === "rtc_answer") this.sensing.answer(message);
    else if (message.type === "status") this.statusCame(message);
    else if (message.type === "window") this.do({ do: "window", report: message });
    else if (message.type === "contact") this.contactCame(message);
    else if (message.type === "kept") this.reports.kept(message.number);
    else if (message.type === "reasons") this.do({ ...message, do: "also" });
    else if (message.type === "error") this.remarks.complain(message.code);
    else if (message.type === "adaptation" && this.state.use === "on") this.offers.arrived(message);
  }

  /** Whatever else is going on, and with nothing else beside it. */
  private contactCame(contact: Contact): void {
    if (contact.id <= this.putAway) return;
    this.offers.ignore();
    this.do({ do: "contact", contact });
  }

  private statusCame(status: Status): void {
    this.do({ do: "status", status });
    if (status.media === "failed" || LOST.includes(status.reason)) this.sensing.replace();
    const gone = this.state.phase === "running" && this.letGo(status.allowed);
    void this.checkGate(status, gone);
    this.watch();
  }

  /** At once: why a sensor is no longer allowed can be asked when its light is out. */
  private letGo(allowed: readonly Modality[]): boolean {
    const before = this.sensing.stream?.getTracks().length ?? 0;
    this.sensing.restrict(allowed.filter(isSensor));
    const gone = (this.sensing.stream?.getTracks().length ?? 0) < before;
    if (gone) this.showStream();
    return gone;
  }

  private welcomed(welcome: Welcome): void {
    this.traced = welcome.traced;
    this.protocol = welcome.protocol;
    this.do({ do: "welcome", allowed: welcome.allowed });
    this.sensing.restrict(welcome.allowed.filter(isSensor));
    this.showStream();
    if (this.state.use === "paused") this.socket?.send({ type: "media_pause", paused: true });
    if (this.state.use !== "stopped") this.sensing.connect(welcome.ice_servers, welcome.ice_for_s);
    this.settle({ session: welcome.session, allowed: welcome.allowed });
    this.reports.sendAgain();
    if (welcome.resumed) this.reports.flush();
    else this.reports.repeatStep();
    this.watch();
  }

  /**
   * The server stopped using a sensor, or everything: ask why. If a sensor is no longer allowed,
   * its light must go out here.
   */
  private async checkGate({ in_use, media }: Status, gone: boolean): Promise<void> {
    const running = this.sensing.stream?.getTracks() ?? [];
    const dropped = running.some((t) => !in_use.includes(sensorOf(t)));
    const nothing = in_use.length === 0 && this.state.use === "on";
    const settled = media !== "connecting" && media !== "paused";
    if (!gone && !(settled && (dropped || nothing))) return;
    if (!(await this.askAgain()) || !this.sensing.stream) return;
    this.sensing.restrict((["face", "voice"] as const).filter((s) => mayUse(this.state.setup, s)));
    this.showStream();
  }

  /** The rules may have changed since the page asked; what is shown stays if nobody answers. */
  private async askAgain(): Promise<boolean> {
    const setup = await this.options.api.setup().catch(() => null);
    if (!setup || this.state.busy) return false;
    this.do({ do: "loaded", setup });
    return true;
  }

  private showStream(): void {
    const { stream } = this.sensing;
    if (stream || this.state.stream)
      this.do({ do: "media", access: stream ? "ready" : "none", stream });
  }

  private sensorsGone(code: "device_lost" | "media_failed" | "too_slow"): void {
    if (!this.sensing.stream) this.socket?.send({ type: "media_stop" });
    this.showStream();
    if (this.state.phase === "preview")
      this.do({ do: "media", access: "no_device", stream: this.sensing.stream });
    else this.remarks.complain(code);
  }

  private dropSensors(): void {
    this.sensing.release();
    if (this.state.stream) this.do({ do: "media", access: "none", stream: null });
  }

  /** The page itself is looked at only while that was agreed to and is not paused. */
  private watch(): void {
    const { use, link, allowed } = this.state;
    const wanted = use === "on" && link === "open" && allowed.includes("interaction");
    if (wanted && !this.unwatch)
      this.unwatch = watchActivity(this.page, (event) => this.reports.report(event));
    if (!wanted) {
      this.unwatch?.();
      this.unwatch = null;
    }
  }

  private giveUp(error: unknown): void {
    this.do({ do: "unavailable", code: codeOf(error) });
    this.settle({ session: null, allowed: [] });
  }
}

function sensorOf(track: MediaStreamTrack): Sensor {
  return track.kind === "video" ? "face" : "voice";
}
