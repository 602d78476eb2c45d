import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Live, type Part } from "./live";
import { clock, laneNames, lengthS, momentsOf } from "./moments";

const row = (data: string, ...cells: string[]): string =>
  `<tr ${data}><th>${cells[0]}</th><td class="te-lane">${cells[1]}</td><td>${cells[2]}</td></tr>`;

function table(...rows: string[]): HTMLElement {
  const place = document.createElement("div");
  place.innerHTML = `<table><tbody>${rows.join("")}</tbody></table>`;
  return place;
}

describe("the moments of the table", () => {
  const place = table(
    row('data-at="80.5" data-lane="answer" data-mark="right"', "1:20", "Answer", "right"),
    row('data-at="50" data-lane="signal" data-mark="span" data-until="90"', "0:50", "Noticed", "–"),
    row('data-at="60" data-lane="signal" data-mark="span"', "1:00", "Noticed", "stuck"),
    row('data-at="0" data-lane="step" data-mark="step"', "0:00", "Step", "began"),
    row('data-at="x" data-lane="hint"', "?", "Hint", "odd"),
  );

  it("are read in their order; steps and nonsense are not drawn", () => {
    const moments = momentsOf(place);
    expect(moments.map(({ atS, untilS, lane }) => [atS, untilS, lane])).toEqual([
      [50, 90, "signal"],
      [60, null, "signal"],
      [80.5, 80.5, "answer"],
    ]);
    expect(moments[2]?.words).toBe("1:20 · Answer · right");
    expect(moments[0]?.words).toBe("0:50 · Noticed");
    expect([...laneNames(moments)]).toEqual([
      ["signal", "Noticed"],
      ["answer", "Answer"],
    ]);
    expect(lengthS(moments)).toBe(90);
    expect(lengthS([])).toBe(60);
  });

  it("have clocks as the table has them", () => {
    expect([clock(0), clock(59.6), clock(3600)]).toEqual(["0:00", "1:00", "60:00"]);
  });
});

describe("a running session", () => {
  const part = { running: true, replaceWith: vi.fn(() => true), lost: vi.fn() };
  const answers: (Response | Error)[] = [];
  const asked: (string | null)[] = [];
  const fetcher = (async (_: string, options: RequestInit) => {
    asked.push(new Headers(options.headers).get("If-None-Match"));
    const next = answers.shift() ?? new Response(null, { status: 304 });
    if (next instanceof Error) throw next;
    return next;
  }) as typeof fetch;
  let live: Live;

  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = answers.length = 0;
    part.running = true;
    part.replaceWith.mockClear();
    part.lost.mockClear();
    live = new Live("?part", part satisfies Part, fetcher);
  });
  afterEach(() => {
    live.stop();
    vi.useRealTimers();
  });

  it("is asked for each few seconds, and only what is new comes", async () => {
    answers.push(new Response("<div>", { headers: { ETag: '"1"' } }));
    live.start();
    await vi.advanceTimersByTimeAsync(3_900);
    expect(asked).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(8_200);
    expect(asked).toEqual(["", '"1"', '"1"']);
    expect(part.replaceWith).toHaveBeenCalledTimes(1);
    expect(part.lost).not.toHaveBeenCalledWith(true);
  });

  it("is left alone when it is over", async () => {
    part.running = false;
    live.start();
    live.hurry();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked).toHaveLength(0);
  });

  it("says when the connection is lost, waits longer, and comes back", async () => {
    answers.push(new TypeError("offline"), new Response("", { status: 503 }));
    live.start();
    await vi.advanceTimersByTimeAsync(4_100);
    expect(part.lost).toHaveBeenLastCalledWith(true);
    await vi.advanceTimersByTimeAsync(4_100);
    expect(asked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(part.lost).toHaveBeenLastCalledWith(false);
  });

  it("takes no page to sign in for the part", async () => {
    part.replaceWith.mockReturnValueOnce(false);
    answers.push(new Response("<form>"));
    live.start();
    await vi.advanceTimersByTimeAsync(4_100);
    expect(part.lost).toHaveBeenLastCalledWith(true);
  });
});
