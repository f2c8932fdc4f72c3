import { type Check, clean, type Finding, foundOr } from '../engine/check.ts';
import { seeState } from '../engine/state.ts';
import { except, only } from '../site/holding.ts';

export const check: Check = {
  id: 'session-rollback',
  title: 'An older cookie brings back the older state',
  severity: 'medium',
  requirements: ['WSTG-SESS-01', 'WSTG-SESS-08', 'CWE-294', 'CWE-565'],
  needs: 'account',
  changes: 'state-change',
  about: {
    what: 'Whether somebody who keeps an older cookie of a session can go back to what the session said then.',
    why: 'Some sites keep the session in the cookie itself, signed or encrypted. Nobody can forge such a cookie, and everybody can keep one: an old one is as good as the newest. A voucher is used again, failed attempts are forgotten, a role that was taken away is back.',
    decides:
      'The cookies are copied, and the request that the recipe names (changeState) is made once more. Where that leaves what proves who one is as it was, there is no older cookie. Otherwise the older one is put in its place, everything else stays, and the page is looked at: it is a finding only if it still opens and shows the state from before, while the newest cookie shows the newest.',
    fix: 'Keep on the server what must not go back, and only its identifier in the cookie. Where the session has to stay in the cookie, keep a number there that rises with each change, and the newest of them on the server.',
  },
  async run(context) {
    const seen = await seeState(context);
    if (seen.whyNot) return seen.whyNot;
    const { state } = seen;
    const { visitor } = seen.session;
    const { keys } = context.signedIn.proofs;
    const old = only(visitor.holdings(), keys);
    await context.step('The cookies are copied, and one more change is made.', async () => {
      const before = await state.read(visitor.holdings(), visitor.name);
      await state.change(visitor);
      const after = await state.read(visitor.holdings(), visitor.name);
      context.control('positive', 'the change takes effect', after.newest > before.newest);
    });
    const now = visitor.holdings();
    const changed = old.filter(({ key, value }) => !now.some((it) => it.key === key && it.value === value));
    if (changed.length === 0) {
      return clean('A change leaves the cookie as it is, so there is no older one to go back to.');
    }
    const names = changed.map(({ key }) => key);
    const mixed = [...except(now, names), ...changed];
    const findings: Finding[] = [];
    await context.step('The older one is put in the place of the newer.', async () => {
      const verdict = await context.judge(mixed, 'with the older cookie');
      context.control('positive', `the answer can be told (${verdict})`, verdict !== 'unclear');
      if (verdict === 'out') return;
      const back = await state.read(mixed, 'with the older cookie');
      const newest = await state.read(now, visitor.name);
      if (back.newest >= newest.newest) return;
      findings.push({
        subject: names.join(', '),
        summary: `An older value of ${names.join(' with ')} opens the page and shows it as it was before the last change.`,
      });
    });
    return foundOr(findings, 'An older cookie brought nothing back.');
  },
};
