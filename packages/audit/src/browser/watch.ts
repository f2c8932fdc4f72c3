/** Watches what a person does in a page, and what it sends for it: forms, and requests of scripts, with their answers. */
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import type { Headers } from '../http/message.ts';
import type { Moment } from '../recording/moments.ts';

/** Called by what runs in the page. */
const TOLD = '__holdfastAuditTold';

/** What can be read as a page or as data; the rest is nothing that a recipe is made of. */
const READABLE = /^(?:text\/html|application\/xhtml\+xml|application\/(?:[\w.-]+\+)?json)\b/i;
const LONGEST_BODY = 1024 * 1024;

/** Runs before the scripts of the page. Fields that have ever been of passwords are, whatever a button made of them. */
const IN_THE_PAGE = `(() => {
  const secrets = new WeakSet();
  const tell = (told) => globalThis.${TOLD}?.(JSON.stringify({ ...told, page: location.href }));
  const squeeze = (text) => (text ?? '').replace(/\\s+/g, ' ').trim().slice(0, 80);
  const target = (event) => event.composedPath()[0];
  const typed = (event) => {
    const it = target(event);
    if (!(it instanceof HTMLInputElement || it instanceof HTMLTextAreaElement)) return;
    if (['checkbox', 'radio', 'submit', 'button', 'file', 'hidden'].includes(it.type)) return;
    if (it.type === 'password') secrets.add(it);
    const field = it.name || it.id || squeeze(it.labels?.[0]?.innerText) || it.getAttribute('aria-label') || it.placeholder;
    tell({ kind: 'typed', field: field || '', value: it.value, isSecret: secrets.has(it) });
  };
  addEventListener('input', typed, true);
  addEventListener('change', typed, true);
  addEventListener('click', (event) => {
    const it = target(event)?.closest?.('button, a, input[type=submit], input[type=button], input[type=image], [role=button], [role=link], [role=menuitem]');
    if (it) tell({ kind: 'pressed', text: squeeze(it.getAttribute('aria-label') || it.innerText || it.value || it.title || it.alt) });
  }, true);
})();`;

/** Tells each moment as it comes, of windows that pages open too. @returns what to wait for before a page goes anywhere */
export async function watch(
  context: BrowserContext,
  onMoment: (moment: Moment) => void,
): Promise<(page: Page) => Promise<void>> {
  const heard = new WeakMap<Page, Promise<void>>();
  await context.exposeBinding(TOLD, (_, told: string) => {
    const { page, ...rest } = JSON.parse(told) as Record<string, unknown> & { page: string };
    if (URL.canParse(page)) onMoment({ ...rest, page: new URL(page) } as Moment);
  });
  await context.addInitScript(IN_THE_PAGE);
  context.on('page', (page) => {
    // A window may be closed again before it was heard.
    heard.set(
      page,
      listen(page, onMoment).catch(() => undefined),
    );
  });
  return (page) => heard.get(page) ?? Promise.resolve();
}

interface Paused {
  readonly requestId: string;
  readonly request: {
    readonly url: string;
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly hasPostData?: boolean;
    readonly postData?: string;
    readonly postDataEntries?: readonly { readonly bytes?: string }[];
  };
  readonly resourceType: string;
  readonly responseStatusCode?: number;
  readonly responseErrorReason?: string;
  readonly responseHeaders?: readonly { readonly name: string; readonly value: string }[];
}

/**
 * Each answer is held until it was read: a page that goes on to the next one takes its answers with it. Chromium sends the
 * requests itself, with all that a browser says.
 */
async function listen(page: Page, onMoment: (moment: Moment) => void): Promise<void> {
  const session = await page.context().newCDPSession(page);
  session.on('Fetch.requestPaused', (paused: Paused) => {
    // It goes on once it is kept, so that what comes of it is kept after it. The window may be closed meanwhile.
    void momentOf(page.context(), session, paused)
      .then((moment) => moment && onMoment(moment))
      .finally(() => session.send('Fetch.continueRequest', { requestId: paused.requestId }))
      .catch(() => undefined);
  });
  await session.send('Fetch.enable', {
    patterns: (['Document', 'XHR', 'Fetch'] as const).map((resourceType) => ({
      urlPattern: '*',
      resourceType,
      requestStage: 'Response' as const,
    })),
  });
}

async function momentOf(
  context: BrowserContext,
  session: CDPSession,
  paused: Paused,
): Promise<Moment | undefined> {
  const { requestId, request, responseStatusCode: status } = paused;
  if (status === undefined) return undefined;
  const headers: Headers = (paused.responseHeaders ?? []).flatMap(({ name, value }) =>
    // Fields of one name come in lines.
    value.split('\n').map((each) => [name, each] as const),
  );
  const body = await bodyOf(session, requestId, status, headers);
  const sent = postDataOf(request);
  const cookies = await context.cookies(request.url);
  return {
    kind: 'exchanged',
    isPage: paused.resourceType === 'Document',
    cookies: cookies.filter(({ httpOnly }) => !httpOnly).map(({ name, value }) => ({ name, value })),
    answer: {
      request: {
        method: request.method,
        url: withoutFragment(request.url),
        headers: Object.entries(request.headers),
        ...(sent !== undefined && { body: sent }),
      },
      status,
      headers,
      body: body.slice(0, LONGEST_BODY),
      isCut: body.length > LONGEST_BODY,
      number: 0,
    },
  };
}

async function bodyOf(
  session: CDPSession,
  requestId: string,
  status: number,
  headers: Headers,
): Promise<string> {
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const isRedirect = status >= 300 && status < 400;
  if (isRedirect || !READABLE.test(type)) return '';
  const { body, base64Encoded } = await session.send('Fetch.getResponseBody', { requestId });
  return base64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

function postDataOf({ postData, postDataEntries }: Paused['request']): string | undefined {
  if (postData !== undefined) return postData;
  const bytes = (postDataEntries ?? []).flatMap((entry) => entry.bytes ?? []);
  return bytes.length === 0
    ? undefined
    : Buffer.concat(bytes.map((it) => Buffer.from(it, 'base64'))).toString('utf8');
}

function withoutFragment(address: string): URL {
  const url = new URL(address);
  url.hash = '';
  return url;
}
