import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { EventMessage } from "../protocol";
import { LessonApi } from "./api";
import { Clock } from "./clock";
import type { Marked, NextItem } from "./content";
import { chosen, lesson } from "./lesson.fixture";
import { Player } from "./player";
import { Tutor } from "./tutor";
import { english as en } from "./words";

const urls = {
  content: "/c",
  answer: "/a",
  next: "/n",
  carried_out: "/o",
  home: "/",
  math: "/m.js",
};
let stage: HTMLElement;
let root: HTMLElement;
let reports: EventMessage[];
/** What the server chooses with each answer, and when it is asked. */
let coming: NextItem;
let later: () => Promise<Response>;
let sent: { url: string; body: Record<string, unknown> }[];

/** The server marks "1/2" right, and everything else wrong. */
function serve(): void {
  vi.stubGlobal("fetch", (url: string, init?: RequestInit) => {
    const body = JSON.parse(String(init?.body ?? "{}")) as Record<string, unknown>;
    sent.push({ url, body });
    if (url.startsWith("/n")) return later();
    if (url === "/o") return Promise.resolve(new Response(null, { status: 204 }));
    const correct = body.answer === "1/2";
    const marked: Marked = {
      correct,
      verdict: correct ? "right" : "wrong",
      counted: true,
      feedback: correct ? "Right." : "Not yet.",
      normalised: String(body.answer),
      solved: correct ? [String(body.step)] : [],
      expected_p: body.variant === null ? 0.34 : null,
      next: coming,
    };
    return Promise.resolve(new Response(JSON.stringify(marked)));
  });
}

function play(answer = "", opening = chosen("a")): void {
  const page = { learner: "l", solved: [], opening, urls };
  new Player(root, page, lesson, new LessonApi(urls, "t"), new Tutor(stage), en).start(answer);
}

const find = <E extends Element = HTMLElement>(selector: string): E => {
  const found = root.querySelector<E>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
};
const heading = (): string => find("h2").textContent ?? "";
const press = (text: string): void => {
  const all = [...root.querySelectorAll("button")];
  const button = all.find((b) => b.textContent?.trim() === text);
  if (!button) throw new Error(`no button ${text}`);
  button.click();
};
async function answer(text: string): Promise<void> {
  const input = find<HTMLInputElement>("#lesson-input");
  input.value = text;
  input.dispatchEvent(new Event("input"));
  find<HTMLFormElement>("form").dispatchEvent(new Event("submit", { cancelable: true }));
  await vi.waitFor(() => expect(find(".lesson-feedback").textContent?.trim()).not.toBe(""));
}
function adapt(kind: string, choice: string | null, pace = 0): void {
  const detail = { adaptation: { id: 7, kind, mode: choice ? "offer" : "quiet", pace }, choice };
  const event = new CustomEvent("tutor-emotion-adaptation", { detail, bubbles: true });
  document.querySelector("tutor-emotion")?.dispatchEvent(event);
}
const reported = (type: string): EventMessage[] => reports.filter((r) => r.type === type);

beforeEach(() => {
  sessionStorage.clear();
  reports = [];
  sent = [];
  coming = chosen("b");
  later = () => Promise.reject(new Error("away"));
  root = document.createElement("div");
  const element = document.createElement("tutor-emotion");
  Object.assign(element, { report: (event: EventMessage) => reports.push(event) });
  stage = document.createElement("main");
  stage.append(root, element);
  document.body.replaceChildren(stage);
  serve();
});
afterEach(() => vi.unstubAllGlobals());

describe("the lesson player", () => {
  it("goes from a wrong answer to the next step, and tells the plugin", async () => {
    play();
    await answer("2");
    expect(find(".lesson-feedback").textContent).toContain("Not yet.");
    await answer("1/2");
    await vi.waitFor(() => expect(document.activeElement?.id).toBe("lesson-next"));
    press(en.next);
    expect(heading()).toBe("Step b");
    expect(document.activeElement).toBe(find("h2"));
    expect(reported("answer").map((r) => "correct" in r && r.correct)).toEqual([false, true]);
    expect(reported("step_shown").map((r) => "step" in r && r.step)).toEqual(["a", "b"]);
    expect(reported("step_shown").map((r) => "title" in r && [r.title, r.skill_title])).toEqual([
      ["Step a", "Naming fractions"],
      ["Step b", "Naming fractions"],
    ]);
  });

  it("keeps what was written before it came", () => {
    play("3/4");
    expect(find<HTMLInputElement>("#lesson-input").value).toBe("3/4");
  });

  it("keeps what is being written over a reload and another step, until it is right", async () => {
    play();
    const field = (): HTMLInputElement => find<HTMLInputElement>("#lesson-input");
    field().value = "1/";
    field().dispatchEvent(new Event("input"));
    find<HTMLButtonElement>(".lesson-steps li:nth-child(2) button").click();
    expect(field().value).toBe("");
    find<HTMLButtonElement>(".lesson-steps li:nth-child(1) button").click();
    expect(field().value).toBe("1/");
    const reload = (): void => {
      root = document.createElement("div");
      stage.prepend(root);
      play();
    };
    reload();
    expect(field().value).toBe("1/");
    await answer("1/2");
    reload();
    expect(field().value).toBe("");
  });

  it("says that an answer is sent again, and sends it when the connection is back", async () => {
    let away = true;
    const served = fetch;
    vi.stubGlobal("fetch", (url: string, init?: RequestInit) =>
      away ? Promise.reject(new TypeError("away")) : served(url, init),
    );
    const page = { learner: "l", solved: [], opening: chosen("a"), urls };
    const retries: (() => void)[] = [];
    const wait = (): Promise<void> => new Promise((done) => retries.push(done));
    new Player(root, page, lesson, new LessonApi(urls, "t", wait), new Tutor(stage), en).start("");
    await answer("1/2");
    expect(find(".lesson-feedback").textContent).toContain(en.faults.retrying);
    for (let tries = 0; tries < 3; tries++) {
      await vi.waitFor(() => expect(retries.length).toBeGreaterThan(tries));
      retries[tries]?.();
    }
    const said = (): string => find(".lesson-feedback").textContent ?? "";
    await vi.waitFor(() => expect(said()).toContain(en.faults.network));
    expect(find<HTMLInputElement>("#lesson-input").value).toBe("1/2");
    away = false;
    dispatchEvent(new Event("online"));
    await vi.waitFor(() => expect(said()).toContain("Right."));
    expect(sent.map(({ body }) => body.answer)).toEqual(["1/2"]);
  });

  it("goes on sending an answer by itself, but nothing that is only being written", async () => {
    vi.useFakeTimers();
    try {
      let away = true;
      const served = fetch;
      vi.stubGlobal("fetch", (url: string, init?: RequestInit) =>
        away ? Promise.reject(new TypeError("away")) : served(url, init),
      );
      const page = { learner: "l", solved: [], opening: chosen("a"), urls };
      const api = new LessonApi(urls, "t", () => Promise.resolve());
      new Player(root, page, lesson, api, new Tutor(stage), en).start("");
      await answer("1/2");
      await vi.advanceTimersByTimeAsync(1_000);
      expect(find(".lesson-feedback").textContent).toContain(en.faults.network);
      away = false;
      const input = find<HTMLInputElement>("#lesson-input");
      const write = (text: string): void => {
        input.value = text;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      };
      write("1/3");
      await vi.advanceTimersByTimeAsync(6_000);
      expect(sent.map(({ body }) => body.answer)).toEqual([]);
      away = true;
      await answer("1/2");
      await vi.advanceTimersByTimeAsync(1_000);
      away = false;
      await vi.advanceTimersByTimeAsync(6_000);
      expect(sent.map(({ body }) => body.answer)).toEqual(["1/2"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("reads nothing during a break, and says how long it is so far", () => {
    vi.useFakeTimers();
    try {
      const pause = vi.fn();
      Object.assign(document.querySelector("tutor-emotion") ?? {}, { pause });
      play();
      adapt("break", "break");
      expect(find(".lesson-away").textContent).toBe("");
      vi.advanceTimersByTime(185_000);
      expect(find(".lesson-away").textContent).toBe("Away for 3 min");
      press(en.resume);
      expect(pause.mock.calls).toEqual([[true], [false]]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it("sends an empty answer nowhere", () => {
    play();
    find<HTMLFormElement>("form").dispatchEvent(new Event("submit", { cancelable: true }));
    expect(sent).toEqual([]);
  });

  it("climbs the hints and says when one gives the answer", () => {
    play();
    press(en.hint);
    expect(document.activeElement?.textContent).toBe("Hint 1");
    press(en.moreHint);
    press(en.workedAsk);
    expect(reported("hint_request").map((r) => "bottom_out" in r && r.bottom_out)).toEqual([
      false,
      false,
      true,
    ]);
  });

  it("reports an answer after the worked step as revealed", async () => {
    play();
    adapt("worked_step", "worked_step");
    await answer("1/2");
    expect(reported("answer")[0]).toMatchObject({ revealed: true });
  });

  it("shows what was taken, moves there, and says that it did", () => {
    play();
    adapt("hint", "easier_item");
    expect(heading()).toBe(en.kinds.easier_item);
    expect(sent).toEqual([{ url: "/o", body: { adaptation: 7, kind: "easier_item", step: "a" } }]);
    expect(reported("step_shown").at(-1)).toMatchObject({ step: "a.easier_item" });
  });

  it("comes back from an easier item to the step", async () => {
    play();
    adapt("easier_item", "easier_item");
    await answer("1/2");
    expect(sent.find((s) => s.url === "/a")?.body).toMatchObject({ step: "a", variant: 11 });
    press(en.back);
    expect(heading()).toBe("Step a");
  });

  it("takes no focus and moves nothing for a quiet change", () => {
    play();
    const input = find<HTMLInputElement>("#lesson-input");
    input.focus();
    const before = root.innerHTML;
    adapt("slow_down", null, -1);
    expect(root.innerHTML).toBe(before);
    expect(document.activeElement).toBe(input);
  });

  it("rests and comes back to the same answer", async () => {
    play("3");
    adapt("break", "break");
    expect(heading()).toBe(en.breakTitle);
    press(en.resume);
    expect(find<HTMLInputElement>("#lesson-input").value).toBe("3");
  });

  it("lets a learner keep, skip or take a hint", async () => {
    play();
    adapt("choice", "choice");
    press(en.takeHint);
    expect(find(".lesson-help h3").textContent).toBe("Hint 1");
    adapt("choice", "choice");
    press(en.skip);
    await vi.waitFor(() => expect(heading()).toBe("Step b"));
  });

  it("is the same lesson without the plugin", async () => {
    document.querySelector("tutor-emotion")?.remove();
    play();
    press(en.hint);
    await answer("1/2");
    press(en.next);
    expect(heading()).toBe("Step b");
  });
});

describe("what comes next", () => {
  const says = (item: NextItem) => () => Promise.resolve(new Response(JSON.stringify(item)));

  it("is what the server chose, with its reason and its examples", async () => {
    coming = chosen("c", { item: "harder_item", why: "Because of this.", examples: 1 });
    play();
    await answer("1/2");
    press(en.next);
    expect(heading()).toBe(en.kinds.harder_item);
    expect(find(".lesson-why").textContent).toContain("Because of this.");
    expect(find(".lesson-help.example h3").textContent).toBe(en.example);
    expect(location.search).toBe("?step=c&item=harder_item");
  });

  it("is told with the answer: how probable it was, and at which pace", async () => {
    play();
    await answer("1/2");
    expect(sent[0]?.body).toMatchObject({ pace: 0, skipped: [] });
    expect(reported("answer")[0]).toMatchObject({ expected_p: 0.34 });
  });

  it("is asked anew where the pace has changed since", async () => {
    play();
    await answer("1/2");
    adapt("slow_down", null, -1);
    later = says(chosen("c", { why: "Slower." }));
    press(en.next);
    await vi.waitFor(() => expect(find(".lesson-why").textContent).toContain("Slower."));
    expect(sent.at(-1)?.url).toBe("/n?pace=-1&leave=");
    expect(root.querySelectorAll(".lesson-segment")).toHaveLength(1);
  });

  it("goes on by itself while the connection is away", async () => {
    play();
    await answer("1/2");
    adapt("slow_down", null, -1);
    press(en.next);
    await vi.waitFor(() => expect(heading()).toBe("Step b"));
  });

  it("offers to skip the rest of a finished skill", async () => {
    play("", chosen("a", { may_skip: true, why: "Three in a row." }));
    later = says(chosen("c", { why: "Something new." }));
    press(en.skipRest);
    await vi.waitFor(() => expect(heading()).toBe("Step c"));
    expect(sent.at(-1)?.url).toBe("/n?pace=0&leave=&skipped=naming");
    await answer("1/2");
    expect(sent.at(-1)?.body).toMatchObject({ skipped: ["naming"] });
  });

  it("does not bring a look back again that was left", async () => {
    play("", chosen("a", { reason: "review", item: "similar_item" }));
    adapt("choice", "choice");
    later = says(chosen("c"));
    press(en.skip);
    await vi.waitFor(() => expect(heading()).toBe("Step c"));
    expect(sent.at(-1)?.url).toBe("/n?pace=0&leave=a&skipped=naming");
  });

  it("is the end, and says whether everything is solved", async () => {
    coming = chosen(null);
    play();
    await answer("1/2");
    press(en.finish);
    expect(heading()).toBe(en.doneForNow);
  });

  it("says nothing of a reason for what was opened by hand", () => {
    play("", chosen("a", { why: "It begins." }));
    expect(find(".lesson-why").textContent).toContain("It begins.");
    find<HTMLButtonElement>(".lesson-steps li:nth-child(2) button").click();
    expect(root.querySelector(".lesson-why")).toBeNull();
  });
});

describe("the clock", () => {
  it("does not count a break", () => {
    let now = 0;
    const clock = new Clock(() => now);
    clock.restart();
    now = 4_000;
    clock.hold(true);
    now = 300_000;
    clock.hold(false);
    now = 301_000;
    expect(clock.seconds).toBe(5);
    clock.restart();
    expect(clock.seconds).toBe(0);
  });

  it("never runs backwards", () => {
    let now = 10_000;
    const clock = new Clock(() => now);
    clock.restart();
    now = 4_000;
    expect(clock.seconds).toBe(0);
    clock.hold(true);
    expect(clock.seconds).toBe(0);
  });
});
