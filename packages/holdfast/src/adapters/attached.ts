/**
 * What belongs to a request, kept on the request itself. In a WeakMap it would outlive the request until a full garbage
 * collection, and the collections before would have to look at it: that made a request twice as dear.
 */
export class Attached<Value extends object> {
  readonly #key = Symbol('holdfast');

  get(request: object): Value | undefined {
    return (request as Partial<Record<symbol, Value>>)[this.#key];
  }

  set(request: object, value: Value): void {
    (request as Record<symbol, Value>)[this.#key] = value;
  }
}
