/** Above the reminder's lower edge, its height and a little air. */
const ROOM = "4.75rem";

/**
 * Room in the host's page for the reminder that is fixed over its lower edge: what is scrolled to
 * stops above it, and the end of the page can be scrolled clear of it.
 */
export class Reserve {
  private sheet: CSSStyleSheet | null = null;

  set(wanted: boolean): void {
    const sheets = document.adoptedStyleSheets;
    if (wanted === (this.sheet !== null)) return;
    if (this.sheet) {
      document.adoptedStyleSheets = sheets.filter((sheet) => sheet !== this.sheet);
      this.sheet = null;
      return;
    }
    this.sheet = new CSSStyleSheet();
    this.sheet.replaceSync(`html { scroll-padding-block-end: ${ROOM}; }
      html::after { content: ""; display: block; block-size: ${ROOM}; }`);
    document.adoptedStyleSheets = [...sheets, this.sheet];
  }
}
