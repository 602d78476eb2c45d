const REST_MS = 20_000;
const LOUD = 0.06;
const NOTES = [
  { hertz: 523.25, fromS: 0, forS: 0.5 },
  { hertz: 659.25, fromS: 0.16, forS: 0.6 },
] as const;

/** Two soft notes, no file; off until somebody switches it on, and never twice in 20 seconds. */
export class Tone {
  private audio: AudioContext | null = null;
  private playedMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly create: () => AudioContext = () => new AudioContext(),
    private readonly now: () => number = () => Date.now(),
  ) {}

  get on(): boolean {
    return this.audio !== null;
  }

  /** To be called from a click: a browser lets nothing sound before one. Plays it once. */
  switchOn(): void {
    this.audio ??= this.create();
    void this.audio.resume();
    this.playedMs = Number.NEGATIVE_INFINITY;
    this.play();
  }

  switchOff(): void {
    void this.audio?.close();
    this.audio = null;
  }

  /** Whether it sounded. */
  play(): boolean {
    const audio = this.audio;
    if (!audio || this.now() - this.playedMs < REST_MS) return false;
    this.playedMs = this.now();
    for (const { hertz, fromS, forS } of NOTES) {
      const from = audio.currentTime + fromS;
      const note = audio.createOscillator();
      const volume = audio.createGain();
      note.frequency.value = hertz;
      volume.gain.setValueAtTime(0, from);
      volume.gain.linearRampToValueAtTime(LOUD, from + 0.04);
      volume.gain.exponentialRampToValueAtTime(0.0001, from + forS);
      note.connect(volume).connect(audio.destination);
      note.start(from);
      note.stop(from + forS);
    }
    return true;
  }
}
