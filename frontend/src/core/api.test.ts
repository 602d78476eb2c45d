import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeFetch } from "../test/server";
import { Api, csrfCookie } from "./api";

const BASE = "https://lesson.test/tutor-emotion/";
const EVERYTHING = {
  face: true,
  voice: true,
  text: true,
  interaction: true,
  self_report: true,
};

describe("the requests", () => {
  it("carry the token, and the CSRF token where something is changed", async () => {
    const http = fakeFetch();
    const api = new Api(BASE, "a+b", "mine", "de", http.fetch);
    await api.setup();
    await api.consent("2026-11", EVERYTHING);
    await api.openSession();
    expect(http.asked.map(({ method, path, csrf }) => [method, path, csrf])).toEqual([
      ["GET", "/tutor-emotion/setup/", ""],
      ["POST", "/tutor-emotion/consents/", "mine"],
      ["POST", "/tutor-emotion/sessions/", "mine"],
    ]);
    expect(http.asked[1]?.body).toEqual({
      token: "a+b",
      text_version: "2026-11",
      modalities: EVERYTHING,
    });
  });

  it("fail with the server's own code, or one of ours", async () => {
    const http = fakeFetch();
    const api = new Api(BASE, "t", "", "en", http.fetch);
    http.fail = { code: "course_paused", status: 403 };
    await expect(api.openSession()).rejects.toMatchObject({ code: "course_paused", retry: false });
    const answers: [Response | Error, string][] = [
      [new Response("<html>", { status: 502 }), "server"],
      [new Response("<html>", { status: 403 }), "not_allowed"],
      [new Response("<html>", { status: 200 }), "server"],
      [new TypeError("offline"), "network"],
    ];
    for (const [answer, code] of answers) {
      const broken = async (): Promise<Response> => {
        if (answer instanceof Error) throw answer;
        return answer;
      };
      await expect(new Api(BASE, "t", "", "en", broken).setup()).rejects.toMatchObject({ code });
    }
  });

  it("find Django's cookie among others", () => {
    expect(csrfCookie("a=1; csrftoken=x%3Dy; b=2")).toBe("x=y");
    expect(csrfCookie("xcsrftoken=1")).toBe("");
  });
});

describe("a ticket on another network", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const answers = (...given: (string | null)[]): { asked: () => number; api: Api } => {
    let asked = 0;
    const fetcher = (): Promise<Response> => {
      const ticket = given[asked];
      asked += 1;
      if (ticket === null || ticket === undefined) return new Promise(() => undefined);
      return Promise.resolve(new Response(JSON.stringify({ ticket })));
    };
    return { asked: () => asked, api: new Api(BASE, "t", "", "en", fetcher) };
  };

  it("is asked for once where that is answered", async () => {
    const { asked, api } = answers("one");
    expect(await api.ticket("s")).toBe("one");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked()).toBe(1);
  });

  it("is asked for again while a dead connection is silent", async () => {
    const { asked, api } = answers(null, null, "three");
    const came = api.ticket("s");
    await vi.advanceTimersByTimeAsync(2_100);
    expect(await came).toBe("three");
    expect(asked()).toBe(3);
  });

  it("is not asked for again once it was refused", async () => {
    let asked = 0;
    const refuse = async (): Promise<Response> => {
      asked += 1;
      return new Response('{"code": "unknown_session"}', { status: 404 });
    };
    const came = new Api(BASE, "t", "", "en", refuse).ticket("s");
    await expect(came).rejects.toMatchObject({ code: "unknown_session" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(1);
  });
});
