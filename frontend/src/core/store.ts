/** Holds one state, changes it by a pure reducer, and tells who listens. */
export class Store<State, Action> {
  private readonly listeners = new Set<(state: State) => void>();

  constructor(
    private current: State,
    private readonly reducer: (state: State, action: Action) => State,
  ) {}

  get state(): State {
    return this.current;
  }

  dispatch(action: Action): void {
    const next = this.reducer(this.current, action);
    if (next === this.current) return;
    this.current = next;
    for (const listener of this.listeners) listener(next);
  }

  /** Returns what ends the listening. */
  listen(listener: (state: State) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
