// What a page asks of camera and microphone, kept where a test can look, and what its content policy
// stopped, told to the test: nothing is changed.
(() => {
  document.addEventListener("securitypolicyviolation", (broken) => {
    const what = `${broken.effectiveDirective} stopped ${broken.blockedURI} ${broken.sample}`;
    window.policyBroken(`${location.pathname}: ${what}`);
  });
  const seen = { asked: 0, tracks: [], peers: 0 };
  window.seen = seen;
  const devices = navigator.mediaDevices;
  if (devices) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (wanted) => {
      seen.asked += 1;
      const stream = await ask(wanted);
      seen.tracks.push(...stream.getTracks());
      return stream;
    };
  }
  const Peer = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Peer {
    constructor(...given) {
      super(...given);
      seen.peers += 1;
    }
  };
})();
