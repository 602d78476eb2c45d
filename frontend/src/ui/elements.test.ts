import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "../classroom";
import { addCatalogue } from "../core/catalogues";
import "../learner";
import { de } from "../locales/de";
import { FakeServer, fakeFetch, offerOf, SESSION_ID, welcomeOf } from "../test/server";
import type { AdaptationDetail, TutorEmotion } from "./tutor-emotion";
import type { TutorEmotionClassroom } from "./tutor-emotion-classroom";

let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
  const OPEN = 1;
  vi.stubGlobal(
    "WebSocket",
    Object.assign(
      function fake(url: string, protocols: string[]) {
        return server.create(url, protocols);
      },
      { OPEN, CONNECTING: 0, CLOSED: 3 },
    ),
  );
});
afterEach(() => {
  document.body.innerHTML = "";
  vi.unstubAllGlobals();
});

addCatalogue("de", de);

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

describe("<tutor-emotion>", () => {
  let element: TutorEmotion;
  let http: ReturnType<typeof fakeFetch>;
  const find = (selector: string): HTMLElement | null =>
    element.renderRoot.querySelector<HTMLElement>(selector);

  const open = async (
    permitted?: Parameters<typeof fakeFetch>[0],
    own = {},
    told: Partial<Pick<ReturnType<typeof fakeFetch>, "words" | "reason">> = {},
  ): Promise<void> => {
    http = Object.assign(fakeFetch(permitted), told);
    http.messages = own;
    vi.stubGlobal("fetch", http.fetch);
    document.body.innerHTML = '<main lang="de"><tutor-emotion token="t"></tutor-emotion></main>';
    element = document.querySelector("tutor-emotion") as TutorEmotion;
    await settle();
  };
  const start = async (): Promise<void> => {
    find("#interaction")?.click();
    find("#self_report")?.click();
    find("#without")?.click();
    await settle();
    server.accept();
    server.say(welcomeOf(["interaction", "self_report"]));
    await settle();
  };

  it("asks with nothing ticked, and with two ways on that look the same", async () => {
    await open();
    const boxes = [...element.renderRoot.querySelectorAll<HTMLInputElement>("input")];
    expect(boxes.map((box) => [box.id, box.checked])).toEqual(
      ["interaction", "text", "self_report", "face", "voice"].map((id) => [id, false]),
    );
    expect(find("#without")?.className).toBe(find("#with")?.className);
    expect(find("h2")?.textContent).toBe("Hilfe im richtigen Moment");
  });

  it("does not offer what is forbidden, and says why in a word", async () => {
    await open(["interaction", "text", "self_report"]);
    expect(find("input#face")).toBeNull();
    expect(find("#with")).toBeNull();
    expect(find("[data-modality=face]")?.textContent).toContain("nicht erlaubt");
  });

  it("says in a calm sentence who is asked first, and offers all the rest", async () => {
    await open(["interaction", "text", "self_report"], {}, { reason: "needs_guardian" });
    const said = find("[data-modality=face] .what")?.textContent ?? "";
    expect(said).toBe(de.reasons.needs_guardian);
    expect(said).not.toContain(de.choose.forbidden);
    expect(find("input#face")).toBeNull();
    expect(find("[role=alert]")).toBeNull();
    await start();
    expect(find(".bar")).not.toBeNull();
  });

  it("asks the youngest in simpler words, for the very same things", async () => {
    await open(undefined, {}, { words: "child" });
    const { child } = de.choose;
    expect(find("h2")?.textContent).toBe(child.title);
    expect(find("#what-face")?.textContent).toBe(child.what.face);
    expect(find("form")?.textContent).toContain(child.equal);
    expect(element.renderRoot.querySelectorAll("input").length).toBe(5);
    expect(find("#without")?.className).toBe(find("#with")?.className);
  });

  it("asks for labelled moments apart, unticked, and only where the course does", async () => {
    await open();
    expect(find("#calibration")).toBeNull();
    const http = fakeFetch();
    http.calibration = { offered: true, consented: true };
    vi.stubGlobal("fetch", http.fetch);
    document.body.innerHTML = '<main lang="de"><tutor-emotion token="t"></tutor-emotion></main>';
    element = document.querySelector("tutor-emotion") as TutorEmotion;
    await settle();
    const box = find("#calibration") as HTMLInputElement;
    expect(box.checked).toBe(false);
    expect(find("label[for=calibration]")?.textContent).toContain("Behalten");
    box.click();
    find("#without")?.click();
    await settle();
    const sent = http.asked.find(({ path }) => path.endsWith("/consents/"));
    expect(sent?.body.calibration).toBe(true);
  });

  it("takes no focus when it appears", async () => {
    await open();
    expect(document.activeElement).toBe(document.body);
  });

  it("accepts a report at any time, and says what is wrong with a bad one", async () => {
    const loose = document.createElement("tutor-emotion");
    expect(loose.report({ type: "idle", idle_s: 1 })).toBe(false);
    await open();
    const refused: unknown[] = [];
    document.addEventListener("tutor-emotion-refused", (event) =>
      refused.push((event as CustomEvent).detail),
    );
    expect(element.report({ type: "idle", idle_s: 1 })).toBe(true);
    expect(element.report({ type: "idle" } as never)).toBe(false);
    expect(refused).toEqual([{ fault: "idle_s: missing" }]);
  });

  it("shows an offer, and tells the lesson which choice was taken", async () => {
    await open();
    await start();
    expect(await element.ready).toMatchObject({ session: SESSION_ID });
    const details: AdaptationDetail[] = [];
    document.addEventListener("tutor-emotion-adaptation", (event) =>
      details.push((event as CustomEvent<AdaptationDetail>).detail),
    );
    server.say(offerOf());
    await settle();
    expect(find("[role=status]")?.textContent).toContain("Ein Hinweis");
    find("[data-choice=worked_step]")?.click();
    expect(details.map((detail) => detail.choice)).toEqual(["worked_step"]);
    await settle();
    expect(find("#offer")).toBeNull();
  });

  it("is waved away with Escape from anywhere, and a number takes that choice", async () => {
    await open();
    await start();
    server.say(offerOf({ id: 1 }));
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    server.say(offerOf({ id: 2 }));
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "2", bubbles: true }));
    expect(server.of("outcome")).toMatchObject([
      { adaptation: 1, outcome: "dismissed" },
      { adaptation: 2, outcome: "taken", choice: "worked_step" },
    ]);
  });

  const keys = (code: string, more = {}): KeyboardEvent =>
    new KeyboardEvent("keydown", { code, altKey: true, shiftKey: true, bubbles: true, ...more });

  it("leads from “Why this?” to the page about the help, in a tab of its own", async () => {
    await open();
    await start();
    server.say(offerOf());
    await settle();
    expect(find("#about")).toBeNull();
    find("#why")?.click();
    await settle();
    const link = find("#about") as HTMLAnchorElement | null;
    expect(new URL(link?.href ?? "").pathname).toBe("/tutor-emotion/about/");
    expect([link?.target, link?.rel]).toEqual(["_blank", "noopener"]);
  });

  it("asks once why, and shows what was noticed besides in words of its own", async () => {
    await open();
    await start();
    server.say(offerOf({ id: 4 }));
    await settle();
    find("#why")?.click();
    await settle();
    expect(server.of("ask_why")).toEqual([{ type: "ask_why", adaptation: 4 }]);
    expect(find("#also")).toBeNull();
    server.say({ type: "reasons", adaptation: 3, claims: ["gaze_away"] }); // of an older offer
    await settle();
    expect(find("#also")).toBeNull();
    server.say({ type: "reasons", adaptation: 4, claims: ["brow_lowered", "of_a_newer_server"] });
    await settle();
    expect(find("#also")?.textContent?.trim()).toMatch(/^(Brow lowered|Brauen gesenkt)$/);
    find("#why")?.click();
    find("#why")?.click();
    await settle();
    expect(server.of("ask_why")).toHaveLength(1);
    server.say(offerOf({ id: 5 }));
    await settle();
    expect(find("#also")).toBeNull();
  });

  it("says how it goes by keys, also from a field and while an offer is there", async () => {
    await open();
    await start();
    document.body.insertAdjacentHTML("beforeend", '<input id="answer">');
    document.querySelector("#answer")?.dispatchEvent(keys("Digit3"));
    server.say(offerOf());
    await settle();
    expect(find("[data-feeling=stuck]")).not.toBeNull();
    document.body.dispatchEvent(keys("Digit2"));
    document.body.dispatchEvent(keys("Digit5"));
    document.body.dispatchEvent(keys("Digit1", { altKey: false }));
    document.body.dispatchEvent(keys("Digit1", { repeat: true }));
    expect(server.of("self_report")).toMatchObject([{ feeling: "stuck" }, { feeling: "confused" }]);
    find("#shortcuts")?.click();
    await settle();
    document.body.dispatchEvent(keys("Digit1"));
    expect(server.of("self_report")).toHaveLength(2);
    find("#shortcuts")?.click();
  });

  it("pauses for a break of the lesson, and never ends a pause of the learner's own", async () => {
    await open();
    element.pause(true); // nothing runs yet
    await start();
    const paused = (): unknown[] => server.of("media_pause").map((m) => "paused" in m && m.paused);
    element.pause(true);
    expect(element.state?.use).toBe("paused");
    element.pause(false);
    expect(element.state?.use).toBe("on");
    await settle();
    find("#pause")?.click();
    element.pause(true);
    element.pause(false);
    expect(element.state?.use).toBe("paused");
    expect(paused()).toEqual([true, false, true]);
  });

  it("leaves numbers to the answer that is being typed", async () => {
    await open();
    await start();
    document.body.insertAdjacentHTML("beforeend", '<input id="answer">');
    server.say(offerOf());
    const field = document.querySelector("#answer");
    field?.dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true, composed: true }));
    expect(server.of("outcome")).toEqual([]);
  });

  it("shows somebody to talk to, politely and as text, until it is put away", async () => {
    await open();
    await start();
    server.say({ type: "contact", id: 3, text: "<b>Frau Lovelace</b>, Zimmer 12" });
    await settle();
    expect(find("#contact .message")?.textContent).toBe("<b>Frau Lovelace</b>, Zimmer 12");
    expect(find("[role=status]")?.textContent).toContain("Zimmer 12");
    find("#put-away")?.click();
    await settle();
    expect(find("#contact")).toBeNull();
  });

  it("says a school's own words, and shows them as text", async () => {
    await open(undefined, { "offer.hint": ["Ein <i>Wink</i>?"] });
    await start();
    server.say(offerOf({ message: "offer.hint" }));
    await settle();
    expect(find("#offer .message")?.textContent).toBe("Ein <i>Wink</i>?");
  });

  it("sends what was tapped, and lets go of everything when it leaves the page", async () => {
    await open();
    await start();
    find("[data-feeling=stuck]")?.click();
    expect(server.of("self_report")).toMatchObject([{ feeling: "stuck" }]);
    element.remove();
    expect(server.sockets.at(-1)?.readyState).toBe(3);
  });
});

describe("<tutor-emotion-classroom>", () => {
  let element: TutorEmotionClassroom;
  let http: ReturnType<typeof fakeFetch>;
  const ROW = {
    session: SESSION_ID,
    name: "Ada",
    need: "wheelspin",
    reasons: [{ measure: "misses_on_step", value: 4, skill: "fractions", minutes: 6 }],
    since_s: 130,
    confidence: "high",
    coverage: 0.8,
    step: "a",
    last_adaptation: "hint",
    last_outcome: "taken",
    acknowledged_by: "",
    connected: true,
    classes: [] as number[],
  } as const;

  const named = (): (string | null)[] =>
    [...element.renderRoot.querySelectorAll(".tile .name")].map((name) => name.textContent);
  const changes = (): HTMLElement | null => element.renderRoot.querySelector(".changes");

  beforeEach(async () => {
    sessionStorage.clear();
    http = fakeFetch();
    vi.stubGlobal("fetch", http.fetch);
    history.replaceState(null, "", location.pathname);
    document.body.innerHTML =
      '<tutor-emotion-classroom course="a/b" lang="en" csrf="c"></tutor-emotion-classroom>';
    element = document.querySelector("tutor-emotion-classroom") as TutorEmotionClassroom;
    await settle();
    server.accept();
    const message = { type: "classroom", course: "a/b", title: "", paused: false } as const;
    server.say({
      ...message,
      seq: 1,
      parts: 0,
      classes: [],
      learners: [{ ...ROW, reasons: [...ROW.reasons] }],
    });
    await settle();
  });

  it("connects to its course and says who needs help, why, and since when", () => {
    expect(server.sockets[0]?.url).toContain("/ws/tutor-emotion/classroom/a%2Fb/");
    expect(http.asked).toEqual([
      { method: "POST", path: "/tutor-emotion/classroom/a%2Fb/ticket/", body: {}, csrf: "c" },
    ]);
    expect(server.shown).toEqual([["tutor-emotion", "next"]]);
    const text = element.renderRoot.querySelector(".tile")?.textContent?.replace(/\s+/g, " ");
    for (const part of ["Ada", "Going in circles", "2 min", "4 misses on fractions", "very likely"])
      expect(text).toContain(part);
    expect(text).toContain("Last: hint – taken");
  });

  it("tells the server who is on it, and takes that back", async () => {
    const button = (): HTMLElement | null => element.renderRoot.querySelector(".onit");
    button()?.click();
    const mine = { ...ROW, reasons: [...ROW.reasons], acknowledged_by: "Weber" };
    server.say({ type: "learners", seq: 2, changed: [mine], left: [] });
    await settle();
    expect(button()?.getAttribute("aria-pressed")).toBe("true");
    button()?.click();
    expect(server.of("acknowledge").map((message) => message.on_it)).toEqual([true, false]);
  });

  it("keeps the focus on a learner whose row moves", async () => {
    const button = element.renderRoot.querySelector<HTMLElement>(".onit");
    button?.focus();
    const other = { ...ROW, session: `${SESSION_ID.slice(0, -1)}1`, name: "Bob", since_s: 900 };
    server.say({ type: "learners", seq: 2, changed: [{ ...other, reasons: [] }], left: [] });
    await settle();
    expect(named()).toEqual(["Ada", "Bob"]); // nothing moves while the keyboard is among them
    expect(changes()?.textContent).toContain("Show 1 change");
    changes()?.click();
    await settle();
    expect(named()).toEqual(["Bob", "Ada"]);
    const tile = element.shadowRoot?.activeElement?.closest("[data-session]");
    expect(tile?.getAttribute("data-session")).toBe(SESSION_ID);
  });

  it("asks for the whole class when a number is missing", async () => {
    server.say({ type: "learners", seq: 5, changed: [], left: [] });
    expect(server.of("resync")).toHaveLength(1);
  });

  it("marks as seen with one tap or key, tells nobody, and takes it back", async () => {
    const button = (): HTMLElement | null => element.renderRoot.querySelector(".do .seen");
    button()?.click();
    await settle();
    expect(button()?.getAttribute("aria-pressed")).toBe("true");
    const link = element.renderRoot.querySelector(".name");
    link?.dispatchEvent(new KeyboardEvent("keydown", { key: "a", bubbles: true, composed: true }));
    await settle();
    expect(button()?.getAttribute("aria-pressed")).toBe("false");
    expect(server.of("acknowledge")).toEqual([]);
  });

  it("leads to what happened, where the host has such a page", async () => {
    const link = (): Element | null => element.renderRoot.querySelector(".name");
    expect(link()?.hasAttribute("href")).toBe(false);
    element.pagePath = "/classroom/f/";
    server.say({
      type: "learners",
      seq: 2,
      changed: [{ ...ROW, reasons: [], step: "b" }],
      left: [],
    });
    await settle();
    expect(link()?.getAttribute("href")).toBe(`/classroom/f/learner/${SESSION_ID}/`);
  });

  it("says so when taking on does not arrive", async () => {
    vi.useFakeTimers();
    element.renderRoot.querySelector<HTMLElement>(".onit")?.click();
    vi.advanceTimersByTime(4_100);
    vi.useRealTimers();
    await settle();
    expect(element.renderRoot.querySelector("[role=alert]")?.textContent).toContain("not arrive");
  });

  it("filters by need", async () => {
    element.renderRoot.querySelector<HTMLElement>("[data-filter=wheelspin]")?.click();
    await settle();
    expect(element.renderRoot.querySelectorAll(".tile")).toHaveLength(1);
    expect(location.hash).toBe("#need=wheelspin");
  });
});
