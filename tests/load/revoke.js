// When the page was told to stop, when its tracks stopped, and what the server still said: all in
// milliseconds since 1970, so that they can be laid beside the server's own.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const noted = { began: 0, stops: [], statuses: [], readings: [] };
  window.noted = noted;
  addEventListener("click", () => { noted.began = now(); }, true);
  const stop = MediaStreamTrack.prototype.stop;
  MediaStreamTrack.prototype.stop = function () {
    stop.call(this);
    if (this.readyState === "ended") noted.stops.push(now());
  };
  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...given) {
      super(...given);
      this.addEventListener("message", ({ data }) => {
        const message = JSON.parse(data);
        if (message.type === "status") noted.statuses.push([now(), message.in_use]);
        if (message.type === "window" && message.estimated_at_s) noted.readings.push(now());
      });
    }
  };
  window.takeBack = async (what = ["face", "voice"]) => {
    const element = document.querySelector("tutor-emotion");
    const [token, base, csrf] = ["token", "base", "csrf"].map((name) => element.getAttribute(name));
    const setup = await (await fetch(`${base}setup/?token=${encodeURIComponent(token)}`)).json();
    const modalities = Object.fromEntries(what.map((modality) => [modality, false]));
    const body = { token, text_version: setup.text_version, modalities };
    noted.began = now();
    const answer = await fetch(`${base}consents/`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify(body),
    });
    return answer.status;
  };
})();
