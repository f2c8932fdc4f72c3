import { seededRandom } from '../model/seeded-random.ts';

/** Numbers from 0 to 1, the same again from the same seed. */
export function chanceOf(seed: number): () => number {
  const random = seededRandom(seed);
  return () => new DataView(random(4).buffer).getUint32(0) / 2 ** 32;
}
