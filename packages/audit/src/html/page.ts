/** The forms and links of a page, as a person or a browser would use them. */
import { tokensOf } from './tokens.ts';

export interface Field {
  readonly name: string;
  /** In lower case; `select` and `textarea` for these elements, `text` where none is given. */
  readonly type: string;
  readonly value: string;
  readonly autocomplete: string;
  readonly id: string;
  readonly isChecked: boolean;
}

export interface Form {
  readonly method: 'GET' | 'POST';
  readonly action: URL;
  readonly enctype: string;
  readonly fields: readonly Field[];
  /** What stands in it, and on its buttons. */
  readonly text: string;
  readonly id: string;
}

export interface Link {
  readonly target: URL;
  readonly text: string;
}

export interface Page {
  readonly forms: readonly Form[];
  readonly links: readonly Link[];
  readonly title: string;
  /** What `meta` elements say, by their names: some sites keep the token of their forms there. */
  readonly metas: ReadonlyMap<string, string>;
}

const MAX_FORMS = 50;
const MAX_FIELDS = 200;
const MAX_LINKS = 500;
const MAX_METAS = 100;
const MAX_TEXT = 2_000;

interface OpenForm {
  attributes: ReadonlyMap<string, string>;
  fields: Field[];
  text: string;
}

const INPUT_TYPES = new Set(
  'text password email tel url search number hidden checkbox radio submit button reset image file date datetime-local month week time range color'.split(
    ' ',
  ),
);

/** What a page has not got, its script may make. */
export function runsScript(html: string): boolean {
  return /<script\b/i.test(html);
}

export function readPage(html: string, address: URL): Page {
  const forms: OpenForm[] = [];
  const links: { href: string; text: string }[] = [];
  const byId = new Map<string, OpenForm>();
  /** Fields outside of a form that name it. */
  const strays: { form: string; field: Field }[] = [];
  const metas = new Map<string, string>();
  let base = address;
  let title = '';
  let form: OpenForm | undefined;
  let link: { href: string; text: string } | undefined;
  let isTitle = false;
  let option: { select: string; isMultiple: boolean } | undefined;

  function add(attributes: ReadonlyMap<string, string>, type: string, value: string): void {
    const field: Field = {
      name: attributes.get('name') ?? '',
      type,
      value,
      autocomplete: (attributes.get('autocomplete') ?? '').toLowerCase(),
      id: attributes.get('id') ?? '',
      isChecked: attributes.has('checked'),
    };
    const owner = attributes.get('form');
    if (owner !== undefined) strays.push({ form: owner, field });
    else if (form && form.fields.length < MAX_FIELDS) form.fields.push(field);
  }

  for (const token of tokensOf(html)) {
    if (token.kind === 'text') {
      if (isTitle && title.length < MAX_TEXT) title += token.text;
      if (link && link.text.length < MAX_TEXT) link.text += token.text;
      // What can be chosen in a form is not what the form does.
      if (form && !option && form.text.length < MAX_TEXT) form.text += ` ${token.text}`;
      continue;
    }
    if (token.kind === 'close') {
      if (token.name === 'form') form = undefined;
      if (token.name === 'a') link = undefined;
      if (token.name === 'title') isTitle = false;
      if (token.name === 'select') option = undefined;
      continue;
    }
    const { name, attributes } = token;
    if (name === 'base') base = parse(attributes.get('href'), address) ?? base;
    else if (name === 'title') isTitle = true;
    else if (name === 'meta' && metas.size < MAX_METAS) {
      metas.set(attributes.get('name') ?? '', attributes.get('content') ?? '');
    } else if (name === 'form' && !form && forms.length < MAX_FORMS) {
      form = { attributes, fields: [], text: '' };
      forms.push(form);
      const id = attributes.get('id');
      if (id !== undefined) byId.set(id, form);
    } else if (name === 'a' && links.length < MAX_LINKS) {
      const href = attributes.get('href');
      link = href === undefined ? undefined : { href, text: attributes.get('aria-label') ?? '' };
      if (link) links.push(link);
    } else if (name === 'input') {
      const named = (attributes.get('type') ?? '').toLowerCase();
      // What browsers do not know, as in type=username, is a text to them.
      const type = INPUT_TYPES.has(named) ? named : 'text';
      add(attributes, type, attributes.get('value') ?? (type === 'checkbox' ? 'on' : ''));
      if (form && (type === 'submit' || type === 'button')) form.text += ` ${attributes.get('value') ?? ''}`;
    } else if (name === 'button') {
      add(attributes, (attributes.get('type') ?? 'submit').toLowerCase(), attributes.get('value') ?? '');
    } else if (name === 'textarea') add(attributes, 'textarea', '');
    else if (name === 'select') {
      option = { select: attributes.get('name') ?? '', isMultiple: attributes.has('multiple') };
    } else if (name === 'option' && option) {
      // A choice of one has the first until another says that it is selected.
      const isChosen = attributes.has('selected');
      if (isChosen && !option.isMultiple) dropField(form, option.select);
      if (isChosen || (!option.isMultiple && !hasField(form, option.select))) {
        add(new Map([['name', option.select]]), 'select', attributes.get('value') ?? '');
      }
    }
  }
  for (const { form: id, field } of strays) {
    const owner = byId.get(id);
    if (owner && owner.fields.length < MAX_FIELDS) owner.fields.push(field);
  }
  return {
    title: squeeze(title),
    metas,
    links: links.flatMap(({ href, text }) => {
      const target = parse(href, base);
      return target ? [{ target, text: squeeze(text) }] : [];
    }),
    forms: forms.flatMap((each) => {
      // An empty action is the page itself, whatever the base is.
      const action = each.attributes.get('action')?.trim();
      const target = action === undefined || action === '' ? address : parse(action, base);
      return target ? [finished(each, target)] : [];
    }),
  };
}

function finished({ attributes, fields, text }: OpenForm, action: URL): Form {
  return {
    method: (attributes.get('method') ?? '').trim().toLowerCase() === 'post' ? 'POST' : 'GET',
    action,
    enctype: (attributes.get('enctype') ?? 'application/x-www-form-urlencoded').trim().toLowerCase(),
    fields,
    text: squeeze(text),
    id: `${attributes.get('id') ?? ''} ${attributes.get('class') ?? ''}`.trim(),
  };
}

function hasField(form: OpenForm | undefined, name: string): boolean {
  return form?.fields.some((field) => field.name === name) === true;
}

function dropField(form: OpenForm | undefined, name: string): void {
  if (form) form.fields = form.fields.filter((field) => field.name !== name);
}

function squeeze(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

function parse(href: string | undefined, base: URL): URL | undefined {
  if (href === undefined || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}
