import { describe, expect, it } from "vitest";
import { fakeFetch } from "../test/server";
import { Api, csrfCookie } from "./api";
import { fewerPackets } from "./peer";

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

describe("the answer", () => {
  it("is asked for sound in longer packets, and its picture is left alone", () => {
    const sdp = "v=0\r\nm=audio 9 RTP\r\na=mid:0\r\nm=video 9 RTP\r\na=mid:1\r\n";
    expect(fewerPackets(sdp)).toBe(
      "v=0\r\nm=audio 9 RTP\r\na=mid:0\r\na=ptime:60\r\nm=video 9 RTP\r\na=mid:1\r\n",
    );
    expect(fewerPackets(fewerPackets(sdp))).toBe(fewerPackets(sdp));
  });
});
