/**
 * What is being written, kept in this tab until it is right: a page that is reloaded or lost costs
 * nothing. `whose` is the server's name for this learner, because a tab may have several.
 */
export class Drafts {
  constructor(
    private readonly whose: string,
    private readonly storage: Storage | null = ofTab(),
  ) {}

  of(item: string): string {
    return this.storage?.getItem(this.key(item)) ?? "";
  }

  keep(item: string, answer: string): void {
    if (answer === "") this.forget(item);
    try {
      if (answer !== "") this.storage?.setItem(this.key(item), answer);
    } catch {
      // full: it is still on the page
    }
  }

  forget(item: string): void {
    this.storage?.removeItem(this.key(item));
  }

  private key(item: string): string {
    return `tutor-emotion-draft:${this.whose}:${item}`;
  }
}

function ofTab(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null; // storage is blocked
  }
}
