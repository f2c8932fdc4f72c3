import { expect, it } from 'vitest';
import { html } from '../../src/pages/html.ts';
import { noticeOf } from '../../src/pages/notice.ts';
import { relative } from '../../src/pages/times.ts';

it('escapes what is put in, and nothing of its own', () => {
  expect(html`<p title="${'"<&>\'`'}">${'<b>'}</p>`.toString()).toBe(
    '<p title="&quot;&lt;&amp;&gt;&#39;&#96;">&lt;b&gt;</p>',
  );
});

it('takes HTML, lists and numbers, and leaves out what is not there', () => {
  const items = [1, 2].map((n) => html`<li>${n}</li>`);
  expect(html`<ul>${items}${undefined}${false}${0}</ul>`.toString()).toBe('<ul><li>1</li><li>2</li>0</ul>');
});

it('does not take text for HTML because it looks like it', () => {
  const text = html`<i></i>`.toString();
  expect(html`${text}`.toString()).toBe('&lt;i&gt;&lt;/i&gt;');
});

it.each([
  [0, 'now'],
  [999, 'now'],
  [1_000, 'in 1 second'],
  [119_999, 'in 1 minute'],
  [-119_999, '1 minute ago'],
  [1_800_000, 'in 30 minutes'],
  [28_800_000, 'in 8 hours'],
  [28_800_000 - 1, 'in 7 h 59 min'],
  [-3_660_000, '1 h 1 min ago'],
  [26 * 3_600_000, 'in 1 d 2 h'],
  [3_600_000, 'in 1 hour'],
  [-2 * 86_400_000, '2 days ago'],
])('%d milliseconds from now is said as "%s"', (span, words) => {
  expect(relative(5_000_000_000 + span, 5_000_000_000)).toBe(words);
});

it('announces only what it knows', () => {
  expect(noticeOf('signed-out', undefined)?.text).toContain('You are signed out');
  expect(noticeOf('toString', undefined)).toBeUndefined();
  expect(noticeOf(['signed-out'], 'unknown')).toBeUndefined();
  expect(noticeOf(undefined, 'revoked')).toMatchObject({ isWarning: true });
});
