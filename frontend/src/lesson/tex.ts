/** What the bundle `math.js` puts on the page. */
interface MathBundle {
  drawTex(root: ParentNode): void;
}

declare global {
  var tutorEmotion_math: MathBundle | undefined;
}

const UNDRAWN = ".tex:not([data-drawn])";

/**
 * Draws the TeX on the page; the bundle for it comes only when there is some. Until then, and where
 * it does not come, the source stays readable. It is asked for again with the next TeX.
 */
export class Tex {
  private loading: Promise<void> | null = null;

  constructor(private readonly src: string) {}

  async draw(root: ParentNode): Promise<void> {
    if (!root.querySelector(UNDRAWN)) return;
    if (!globalThis.tutorEmotion_math) {
      this.loading ??= load(this.src);
      await this.loading.catch(() => {
        this.loading = null;
      });
    }
    globalThis.tutorEmotion_math?.drawTex(root);
  }
}

function load(src: string): Promise<void> {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = src;
    script.onload = () => done();
    script.onerror = () => {
      script.remove();
      failed(new Error("math.js did not come"));
    };
    document.head.append(script);
  });
}
