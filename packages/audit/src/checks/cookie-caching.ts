import { type Check, type Finding, foundOr, inconclusive } from '../engine/check.ts';
import { strangersOf } from '../engine/strangers.ts';
import { parseSetCookie } from '../cookies/set-cookie.ts';
import { type Answer, header, headersNamed } from '../http/message.ts';

export const check: Check = {
  id: 'cookie-caching',
  title: 'Shared caches may give the cookie of one visitor to the next',
  severity: 'medium',
  requirements: ['ASVS-14.2.2', 'SM-25', 'WSTG-SESS-04', 'CWE-524', 'CWE-525'],
  needs: 'nothing',
  about: {
    what: 'Whether an answer that gives somebody a cookie of their own allows shared caches to keep it.',
    why: 'A proxy or a content network that keeps the answer gives it to everybody who asks next, with the cookie in it: strangers share one session, and who of them signs in first may take the others along.',
    decides:
      'Two strangers open the start page and that of the sign-in form. Cookies that both are given with different, long values are their own; where somebody can sign in, so are those that prove who one is. An answer to GET that sets one is a finding where its Cache-Control says public, s-maxage or max-age and neither private, no-store nor no-cache.',
    fix: 'Answer with Cache-Control: no-store wherever a cookie is set, and set none where pages are the same for everybody and may be kept.',
  },
  async run(context) {
    const { answers, personal } = await strangersOf(context);
    const names = new Set(personal.map(({ name }) => name));
    const all = [...answers];
    if (context.isSignedIn) {
      const { proof, answers: own } = context.signedIn.observed;
      for (const holding of proof) if (holding.kind === 'cookie') names.add(holding.cookie.name);
      all.push(...own);
    }
    if (names.size === 0)
      return inconclusive('not_applicable', 'no page gives a stranger a cookie of their own');
    const findings: Finding[] = [];
    for (const answer of all) {
      const set = namesIn(answer).filter((name) => names.has(name));
      if (set.length === 0 || !isForAll(answer)) continue;
      const { pathname } = answer.request.url;
      if (findings.some(({ subject }) => subject === pathname)) continue;
      context.note('This answer sets the cookie, and may be kept.', answer.number);
      findings.push({
        subject: pathname,
        summary: `${pathname} sets ${set.join(', ')}, and says Cache-Control: ${(header(answer.headers, 'cache-control') ?? '').slice(0, 100)}.`,
      });
    }
    return foundOr(findings, 'No answer that sets such a cookie lets shared caches keep it.');
  },
};

function namesIn({ headers }: Answer): string[] {
  return headersNamed(headers, 'set-cookie').flatMap((field) => {
    const { cookie } = parseSetCookie(field);
    return cookie && cookie.value !== '' ? [cookie.name] : [];
  });
}

/** RFC 9111 §3: a shared cache may store it, and give it out without asking (§5.2.2). */
function isForAll({ headers, request }: Answer): boolean {
  if (request.method !== 'GET' || header(headers, 'vary')?.trim() === '*') return false;
  const directives = (header(headers, 'cache-control') ?? '').toLowerCase().split(/\s*,\s*/);
  if (directives.some((it) => /^(?:private|no-store|no-cache)\b/.test(it))) return false;
  const ageOf = (name: string): number | undefined => {
    const text = directives.find((it) => it.startsWith(`${name}=`))?.slice(name.length + 1);
    return text === undefined ? undefined : Number(text.replaceAll('"', ''));
  };
  const age = ageOf('s-maxage') ?? ageOf('max-age');
  return age === undefined ? directives.includes('public') : age > 0;
}
