import { randomBytes } from 'node:crypto';
import { type Check, foundOr } from '../engine/check.ts';

export const check: Check = {
  id: 'trace-method',
  title: 'The server echoes requests, cookies included',
  severity: 'low',
  requirements: ['ASVS-13.4.4', 'FM-1', 'WSTG-CONF-06', 'CWE-693'],
  needs: 'nothing',
  about: {
    what: 'Whether the server answers the method TRACE with the request that it got.',
    why: 'The echo has the cookies in its body, also those that scripts must not read. Browsers send no TRACE today, but other clients and proxies do.',
    decides: 'TRACE is sent with a cookie that was made up. Only an answer that has it is a finding.',
    fix: 'Switch it off: `TraceEnable off` in Apache, `allowTrace="false"` in Tomcat. Most other servers refuse it by themselves.',
  },
  async run(context) {
    const canary = randomBytes(12).toString('hex');
    const visitor = context.site.visitor('anonymous');
    const answer = await context.step('TRACE is sent, with a cookie that was made up.', () =>
      visitor.send('TRACE', context.site.target, {
        headers: [
          ['Cookie', `canary=${canary}`],
          ['Origin', ''],
        ],
      }),
    );
    const isEcho = answer.status < 300 && answer.body.includes(canary);
    return foundOr(
      isEcho ? [{ subject: 'TRACE', summary: 'TRACE answers with the cookies of the request.' }] : [],
      `TRACE answers ${answer.status} and echoes nothing.`,
    );
  },
};
