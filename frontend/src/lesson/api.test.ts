import { afterEach, describe, expect, it, vi } from "vitest";
import { LessonApi, LessonError } from "./api";
import { chosen } from "./lesson.fixture";

const urls = {
  content: "/c",
  answer: "/a",
  next: "/n",
  carried_out: "/o",
  home: "/",
  math: "/m.js",
};
const given = {
  attempt: "id-1",
  step: "a",
  variant: null,
  version: "v1",
  answer: "1/2",
  took_s: 3,
  hints: 0,
  revealed: false,
  pace: 0,
  skipped: [],
};
const marked = {
  correct: true,
  verdict: "right",
  counted: true,
  feedback: "",
  normalised: "1/2",
  solved: ["a"],
};

/** A server that answers in this order; an Error is a lost connection. */
function server(...answers: (Response | Error)[]): { bodies: unknown[] } {
  const bodies: unknown[] = [];
  vi.stubGlobal("fetch", (_url: string, init?: RequestInit) => {
    bodies.push(init?.body ? JSON.parse(String(init.body)) : null);
    const answer = answers.shift() ?? new Error("no more");
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  });
  return { bodies };
}
const json = (body: unknown, status = 200): Response =>
  new Response(JSON.stringify(body), { status });
const api = (): LessonApi => new LessonApi(urls, "token", () => Promise.resolve());

afterEach(() => vi.unstubAllGlobals());

describe("the lesson's server", () => {
  it("marks an answer", async () => {
    server(json(marked));
    expect(await api().answer(given)).toEqual(marked);
  });

  it("is asked again under the same name when the connection fails", async () => {
    const { bodies } = server(new Error("away"), json({}, 502), json(marked));
    expect(await api().answer(given)).toEqual(marked);
    expect(bodies).toEqual([given, given, given]);
  });

  it("is given up after four times", async () => {
    const { bodies } = server();
    await expect(api().answer(given)).rejects.toEqual(new LessonError("network"));
    expect(bodies).toHaveLength(4);
  });

  it("is not asked again when it has refused", async () => {
    const { bodies } = server(json({ code: "too_fast" }, 429));
    await expect(api().answer(given)).rejects.toEqual(new LessonError("too_fast"));
    expect(bodies).toHaveLength(1);
  });

  it("needs a new page when it answers with something else than JSON", async () => {
    server(new Response("<h1>Forbidden</h1>", { status: 403 }));
    await expect(api().answer(given)).rejects.toEqual(new LessonError("reload"));
  });

  it("hears once more of what was carried out, and never disturbs the lesson", async () => {
    const { bodies } = server(json({ code: "unknown_adaptation" }, 404), new Error("away"));
    await api().carriedOut(4, "hint", "a");
    expect(bodies).toEqual(Array(2).fill({ adaptation: 4, kind: "hint", step: "a" }));
  });

  it("is asked what comes next, and nobody waits for it long", async () => {
    const never = new LessonApi(urls, "t", () => new Promise(() => undefined));
    const asked: string[] = [];
    vi.stubGlobal("fetch", (url: string) => {
      asked.push(url);
      return Promise.resolve(json(chosen("b")));
    });
    expect(await never.next(-1, ["x", "y"], "a")).toEqual(chosen("b"));
    expect(asked).toEqual(["/n?pace=-1&leave=a&skipped=x&skipped=y"]);
    vi.stubGlobal("fetch", () => new Promise(() => undefined));
    await expect(api().next(0, [])).rejects.toEqual(new LessonError("network"));
  });
});
