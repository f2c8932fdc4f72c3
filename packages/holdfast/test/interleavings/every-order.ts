/** All ways through a play that asks, again and again, which of several things happens next. */

/** A whole number from 0 up to, and without, `options`. */
export type Choose = (options: number) => number;

/**
 * Plays until every sequence of choices was made once. A play has to be the same again for the same choices.
 *
 * @returns how many plays there were
 */
export async function everyOrder(play: (choose: Choose) => Promise<void>): Promise<number> {
  let plays = 0;
  let path: { readonly options: number; taken: number }[] = [];
  do {
    let step = 0;
    await play((options) => {
      const known = path[step];
      if (known && known.options !== options) {
        throw new Error(`at step ${step + 1} there were ${known.options} ways before, and now ${options}`);
      }
      const { taken } = known ?? { taken: 0 };
      if (!known) path.push({ options, taken });
      step++;
      return taken;
    });
    plays++;
    path = path.slice(0, step);
    while (path.length > 0) {
      const last = path.at(-1) as (typeof path)[0];
      if (++last.taken < last.options) break;
      path.pop();
    }
  } while (path.length > 0);
  return plays;
}
