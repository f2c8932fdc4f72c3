/** Writes down what happened, in the order in which it happened, with every session token under a name of its own. */

/** What an event means to the defence: nothing, that it held, or that it fell. */
export type Tone = 'plain' | 'held' | 'fell';

export interface RequestEvent {
  readonly kind: 'request';
  readonly exchange: number;
  readonly from: string;
  readonly to: string;
  /** `POST /sign-in` */
  readonly line: string;
  /** The name of the cookie that came along. */
  readonly cookie: string | undefined;
  /** As it was sent, masked. */
  readonly raw: string;
  /** How many requests like this one were sent one after another. */
  count: number;
}

export interface AnswerEvent {
  readonly kind: 'answer';
  readonly exchange: number;
  readonly from: string;
  readonly to: string;
  readonly status: number;
  readonly text: string;
  /** What the answer does to the cookie: `sets secret 2`. */
  readonly effect: string | undefined;
  readonly raw: string;
  readonly tone: Tone;
  count: number;
}

export interface NoteEvent {
  readonly kind: 'note';
  /** Whose doing it is; everybody's when left out. */
  readonly at: string | undefined;
  readonly text: string;
  readonly tone: Tone;
}

/** Time goes by. */
export interface TimeEvent {
  readonly kind: 'time';
  readonly text: string;
}

export type LabEvent = RequestEvent | AnswerEvent | NoteEvent | TimeEvent;

/** Shorter values are no tokens, and would be found in words. */
const SHORTEST_TOKEN = 8;

export class Recorder {
  readonly events: LabEvent[] = [];
  readonly #names = new Map<string, string>();
  #secrets = 0;

  /** The name under which a token appears: `secret 1` for the first that was seen. */
  nameOf(token: string, name?: string): string {
    const known = this.#names.get(token);
    if (known !== undefined) return known;
    const given = name ?? `secret ${(this.#secrets += 1)}`;
    if (token.length >= SHORTEST_TOKEN) this.#names.set(token, given);
    return given;
  }

  /** Every token, and every part of one that could stand alone, under its name. */
  mask(text: string): string {
    let masked = text;
    for (const [token, name] of this.#names) masked = masked.replaceAll(token, `‹${name}›`);
    for (const [token, name] of this.#names) {
      const parts = token.split('.').filter((part) => part.length >= SHORTEST_TOKEN);
      if (parts.length > 1) for (const part of parts) masked = masked.replaceAll(part, `‹part of ${name}›`);
    }
    return masked;
  }

  add(event: LabEvent): void {
    this.events.push(event);
  }

  /** One pair of arrows for many requests that were alike, and were answered alike. */
  addRepeatable(request: RequestEvent, answer: AnswerEvent): void {
    const [before, reply] = this.events.slice(-2);
    const isRepeated =
      before?.kind === 'request' &&
      reply?.kind === 'answer' &&
      before.from === request.from &&
      before.line === request.line &&
      before.cookie === request.cookie &&
      reply.status === answer.status &&
      reply.tone === answer.tone &&
      reply.text === answer.text;
    if (!isRepeated) {
      this.events.push(request, answer);
      return;
    }
    before.count += 1;
    reply.count += 1;
  }
}

/** Whether the defence fell anywhere. */
export function hasFallen(events: readonly LabEvent[]): boolean {
  return events.some((event) => 'tone' in event && event.tone === 'fell');
}
