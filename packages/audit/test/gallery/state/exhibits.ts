import { type Exhibit, listen } from '../exhibit.ts';
import { basketSite, type Parts } from './site.ts';

const MARKED = 'changeState: [{ request: POST /basket, form: { item: "${mark}" } }]';
const COUNTED = 'changeState: [{ request: POST /basket }]';

function exhibit(
  name: string,
  truth: string,
  found: readonly string[],
  parts: Partial<Parts> = {},
  recipe = MARKED,
): Exhibit {
  return {
    name: `basket, ${name}`,
    stack: 'node:http',
    truth,
    found,
    recipe,
    allow: ['state-change'],
    start: () => listen(basketSite(parts)),
  };
}

export const stateExhibits: readonly Exhibit[] = [
  exhibit('sound', 'Each item is added to what is there by then.', []),
  exhibit('sound, counted', 'The same; what was added is seen by a number alone.', [], {}, COUNTED),
  exhibit(
    'sound, first come',
    'Who writes over what somebody else has written meanwhile is refused: nothing that was accepted is lost.',
    [],
    { keeps: 'first come' },
  ),
  exhibit(
    'sound, a new token with each change',
    'Older tokens open the same basket, which is kept on the server: they bring nothing back.',
    [],
    { renews: true },
  ),
  exhibit(
    'sound, one item in the cookie',
    'The cookie has the item, and a number that the server compares: an older one is worth nothing.',
    [],
    { keeps: 'in the cookie, numbered', overwrites: true },
  ),
  exhibit(
    'written back whole',
    'What was read when a request began is written when it ends, over what others have added; not after a sign-out.',
    ['lost-updates'],
    { keeps: 'whole' },
  ),
  exhibit(
    'written back whole, counted',
    'The same; what was added is seen by a number alone.',
    ['lost-updates'],
    { keeps: 'whole' },
    COUNTED,
  ),
  exhibit(
    'one item in the cookie',
    'The cookie has the item, signed; an older cookie has the older item.',
    ['session-rollback'],
    { keeps: 'in the cookie', overwrites: true },
  ),
  exhibit(
    'all items in the cookie',
    'The cookie has the items, signed: an older one has the older, and of two that were added at once one is forgotten.',
    ['session-rollback', 'lost-updates'],
    { keeps: 'in the cookie' },
  ),
];
