import type { Sign } from "./quality";

const EMPTY: Sign = {
  lost: null,
  roundTripS: null,
  lineKbps: null,
  framesPerS: null,
  cpuLimited: false,
  blocked: 0,
};

/** What a look at a connection's statistics says: how it goes, and what has come from the server. */
export interface Vitals {
  readonly sign: Sign;
  /** Bytes received, of whatever kind; null where the browser does not tell. */
  readonly heard: number | null;
}

/** One entry of a report, with the few fields that we read of its many kinds. */
interface Entry {
  type: string;
  kind?: string;
  fractionLost?: number;
  roundTripTime?: number;
  framesPerSecond?: number;
  qualityLimitationReason?: string;
  nominated?: boolean;
  state?: string;
  availableOutgoingBitrate?: number;
  currentRoundTripTime?: number;
  bytesReceived?: number;
}

/** Reads one report; whatever a browser leaves out stays unknown. */
export function vitalsOf(report: Iterable<unknown>, blocked = 0): Vitals {
  let sign: Sign = { ...EMPTY, blocked };
  let heard: number | null = null;
  for (const entry of report as Iterable<Entry>) {
    if (entry.type === "remote-inbound-rtp")
      sign = {
        ...sign,
        lost: most(sign.lost, entry.fractionLost),
        roundTripS: most(sign.roundTripS, entry.roundTripTime),
      };
    else if (entry.type === "outbound-rtp" && entry.kind === "video")
      sign = {
        ...sign,
        framesPerS: entry.framesPerSecond ?? sign.framesPerS,
        cpuLimited: entry.qualityLimitationReason === "cpu",
      };
    else if (entry.type === "candidate-pair" && entry.nominated && entry.state === "succeeded") {
      const line = entry.availableOutgoingBitrate;
      sign = {
        ...sign,
        lineKbps: line === undefined ? sign.lineKbps : line / 1000,
        roundTripS: most(sign.roundTripS, entry.currentRoundTripTime),
      };
      heard = most(heard, entry.bytesReceived);
    }
  }
  return { sign, heard };
}

function most(one: number | null, other: number | undefined): number | null {
  if (other === undefined) return one;
  return one === null ? other : Math.max(one, other);
}

/** How long the page was blocked by tasks of more than 50 ms; nothing where it cannot be known. */
export class LongTasks {
  private blockedMs = 0;
  private sinceMs: number;
  private observer: PerformanceObserver | undefined;

  constructor(private readonly now: () => number = () => performance.now()) {
    this.sinceMs = this.now();
    const kinds = globalThis.PerformanceObserver?.supportedEntryTypes ?? [];
    if (!kinds.includes("longtask")) return;
    this.observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.blockedMs += entry.duration;
    });
    this.observer.observe({ type: "longtask" });
  }

  /** The share of the time since the last look, 0 to 1. */
  share(): number {
    const now = this.now();
    const share = Math.min(1, this.blockedMs / Math.max(1, now - this.sinceMs));
    this.blockedMs = 0;
    this.sinceMs = now;
    return share;
  }

  stop(): void {
    this.observer?.disconnect();
  }
}
