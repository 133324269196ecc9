/** What was fetched and may be wanted again: as much as there is room for, the latest kept. */

interface One<Value> {
  value: Value;
  bytes: number;
}

export class Held<Value> {
  private readonly ones = new Map<string, One<Value>>();
  private bytes = 0;

  /**
   * `most` is bytes of all; `drop` is called with what has no more room. `keeps` says of what is in
   * sight that it stays.
   */
  constructor(
    private readonly most: number,
    private readonly drop: (value: Value) => void,
    private readonly keeps: (name: string) => boolean = () => false,
  ) {}

  get size(): number {
    return this.ones.size;
  }

  has(name: string): boolean {
    return this.ones.has(name);
  }

  get(name: string): Value | undefined {
    const one = this.ones.get(name);
    if (one === undefined) return undefined;
    this.ones.delete(name);
    this.ones.set(name, one);
    return one.value;
  }

  put(name: string, value: Value, bytes: number): void {
    this.take(name);
    this.ones.set(name, { value, bytes });
    this.bytes += bytes;
    for (const other of [...this.ones.keys()]) {
      if (this.bytes <= this.most || other === name) break;
      if (!this.keeps(other)) this.take(other);
    }
  }

  /** Return the names of the latest. */
  names(most: number): string[] {
    return [...this.ones.keys()].slice(-most);
  }

  clear(): void {
    for (const name of [...this.ones.keys()]) this.take(name);
  }

  private take(name: string): void {
    const one = this.ones.get(name);
    if (one === undefined) return;
    this.ones.delete(name);
    this.bytes -= one.bytes;
    this.drop(one.value);
  }
}
