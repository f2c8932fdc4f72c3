/** One file that needs nothing else: no script, no picture, no font from elsewhere. */
import type { Exchange } from '../http/transcript.ts';
import type { CheckResult, Report } from '../engine/report.ts';
import { STYLE } from './html-style.ts';
import { gradeOf, openFindings, type OpenFinding, plural, signedInAs, summaryOf } from './wording.ts';

export function htmlReport(report: Report): string {
  const grade = gradeOf(report);
  const open = openFindings(report);
  const exchanges = new Map(report.exchanges.map((exchange) => [exchange.number, exchange]));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Session audit of ${escape(report.target)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p class="kicker">Session audit</p>
<h1>${escape(report.target)}</h1>
<div class="verdict">${grade ? `<p class="grade grade-${grade}"><span class="small">Grade</span> ${grade}</p>` : ''}
<div><p class="lead">${summaryOf(report)}</p>
<p class="quiet">${escape(report.startedAt.slice(0, 16).replace('T', ' '))} UTC, ${plural(report.requests, 'request')} in ${report.seconds} s${report.profile ? `, profile ${escape(report.profile)}` : ''}</p></div></div>
${report.stopped === undefined ? '' : `<p class="notice">Not complete: ${escape(report.stopped)}</p>`}
${howSignedIn(report)}
</header>
<main>
${open.length === 0 ? '' : `<section aria-labelledby="findings"><h2 id="findings">What was found</h2>${open.map((each) => findingOf(each, exchanges)).join('')}</section>`}
${timeline(report)}
<section><h2 id="checks">All checks</h2>${table(report.checks)}</section>
</main>
<footer><p class="quiet">Secrets are replaced by a number, the same wherever a secret occurs. Made by holdfast-audit.</p></footer>
</body>
</html>
`;
}

function howSignedIn({ signIn, recognised }: Report): string {
  if (!signIn) return '';
  const sets = signIn.proofs
    .map((set) => set.map((key) => `<code>${escape(key)}</code>`).join(' with '))
    .join(', or ');
  const made = recognised
    ? `<dt>Seems made with</dt><dd>${escape(recognised.name)}, by ${escape(recognised.because.join(', '))}. ${escape(recognised.session)}</dd>`
    : '';
  return `<dl class="facts"><dt>Signed in as</dt><dd>${escape(signedInAs(signIn))}</dd>
<dt>How one tells</dt><dd>${escape(signIn.test)}</dd><dt>What proves who one is</dt><dd>${sets}</dd>${made}</dl>`;
}

function findingOf({ result, finding }: OpenFinding, exchanges: ReadonlyMap<number, Exchange>): string {
  const { about, evidence } = result;
  return `<article class="finding">
<h3><span class="severity ${finding.severity}">${finding.severity}</span> ${escape(result.title)}</h3>
<p class="lead">${escape(finding.summary)}</p>
<h4>Why it matters</h4><p>${prose(about.why)}</p>
<h4>How to fix it</h4>${result.fixHere === undefined ? '' : `<p class="here">${prose(result.fixHere)}</p>`}<p>${prose(about.fix)}</p>
<details><summary>How it was decided, and the requests</summary>
<p>${prose(about.decides)}</p>
${controls(result)}<ol>${evidence.steps.map(({ says, exchanges: range }) => `<li><p>${escape(says)}</p>${range ? shown(range, exchanges) : ''}</li>`).join('')}</ol></details>
<p class="quiet"><code>${result.id}</code> · ${result.requirements.map(escape).join(' · ')}</p>
</article>`;
}

function controls({ evidence }: CheckResult): string {
  if (evidence.controls.length === 0) return '';
  const items = evidence.controls.map(
    ({ says, holds }) => `<li>${holds ? 'Held' : 'Did not hold'}: ${escape(says)}</li>`,
  );
  return `<ul class="controls">${items.join('')}</ul>`;
}

function shown([first, last]: readonly [number, number], exchanges: ReadonlyMap<number, Exchange>): string {
  const found: string[] = [];
  for (let number = first; number <= last; number++) {
    const exchange = exchanges.get(number);
    if (exchange) found.push(exchangeOf(exchange));
  }
  return found.join('');
}

function exchangeOf({ number, who, request, answer, fault }: Exchange): string {
  const fields = (headers: Exchange['request']['headers']): string =>
    headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  const asked = `${request.method} ${request.url}\n${fields(request.headers)}${request.body ? `\n\n${request.body}` : ''}`;
  const said = answer
    ? `${answer.status}\n${fields(answer.headers)}${answer.body ? `\n\n${answer.body}` : ''}`
    : `No answer: ${fault ?? ''}`;
  const label = `${number}. ${who}: ${request.method} ${new URL(request.url).pathname}, ${answer ? answer.status : 'no answer'}`;
  return `<details class="exchange"><summary>${escape(label)}</summary><pre tabindex="0">${escape(asked)}</pre><pre tabindex="0">${escape(said)}</pre></details>`;
}

/** Whom the audit played, in the order in which they came, and when. */
function timeline({ exchanges, startedAt, seconds }: Report): string {
  const start = Date.parse(startedAt);
  const total = Math.max(seconds * 1000, 1);
  const visitors = new Map<string, { first: number; last: number; count: number }>();
  for (const { who, at } of exchanges) {
    if (!who.startsWith('visitor')) continue;
    const seen = visitors.get(who);
    visitors.set(who, { first: seen?.first ?? at, last: at, count: (seen?.count ?? 0) + 1 });
  }
  if (visitors.size === 0) return '';
  const rows = [...visitors].map(([who, { first, last, count }]) => {
    const left = Math.min(98, ((first - start) / total) * 100);
    const width = Math.max(2, Math.min(100 - left, ((last - first) / total) * 100));
    const bar = `<span class="bar" style="margin-left:${left.toFixed(1)}%;width:${width.toFixed(1)}%"></span>`;
    return `<tr><th scope="row">${escape(who)}</th><td class="track">${bar}</td><td>${plural(count, 'request')}</td></tr>`;
  });
  return `<section><h2 id="timeline">The sessions it lived</h2>
<div class="scroll" tabindex="0" role="region" aria-labelledby="timeline"><table class="timeline"><thead><tr><th scope="col">who</th><th scope="col">when</th><th scope="col">requests</th></tr></thead><tbody>${rows.join('')}</tbody></table></div></section>`;
}

function table(checks: readonly CheckResult[]): string {
  const rows = checks.map(
    ({ id, outcome, summary, title }) =>
      `<tr><td><span class="outcome ${outcome}">${outcome}</span></td><th scope="row"><code>${id}</code><span class="quiet">${escape(title)}</span></th><td>${escape(summary)}</td></tr>`,
  );
  return `<div class="scroll" tabindex="0" role="region" aria-labelledby="checks"><table><thead><tr><th scope="col">outcome</th><th scope="col">check</th><th scope="col">what it came to</th></tr></thead><tbody>${rows.join('')}</tbody></table></div>`;
}

/** Prose of ours, in which `code` is marked. */
function prose(text: string): string {
  return escape(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

export function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
