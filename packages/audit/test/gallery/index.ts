import type { Exhibit } from './exhibit.ts';
import { accountExhibits } from './accounts/exhibits.ts';
import { anonymousExhibits } from './anonymous/exhibits.ts';
import { bearerExhibits } from './bearer/exhibits.ts';
import { expressExhibits } from './express/exhibits.ts';
import { nodeExhibits } from './node/exhibits.ts';
import { stateExhibits } from './state/exhibits.ts';
import { timeoutExhibits } from './timeouts/exhibits.ts';
import { tlsExhibits } from './tls/exhibits.ts';

export const gallery: readonly Exhibit[] = [
  ...nodeExhibits,
  ...stateExhibits,
  ...accountExhibits,
  ...anonymousExhibits,
  ...expressExhibits,
  ...bearerExhibits,
  ...tlsExhibits,
  ...timeoutExhibits,
];
