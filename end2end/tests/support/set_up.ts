// The whole set-up of the article by plain requests, as a browser without scripts sends them, for the tests of
// what comes after it. In the pages themselves, by role and name, the article's own tests do it.
import { APIRequestContext, expect, Page } from '@playwright/test';
import { Candilever, KEY } from './candilever';
import { post } from './people';
import { Stack } from './stack';

/** Leaves `page` signed in, with Python Developer attached to Canditech Stage. */
export async function setUp(page: Page, stack: Stack): Promise<Candilever> {
  const forms = new Forms(page.request);
  await post(page.request, `${stack.lever}/sandbox/stages`, { text: 'Canditech Stage' });
  await forms.read(stack.signInLink);
  await connect(forms, stack);
  await shareKeyAndSecret(forms, stack);
  await attach(forms, stack);
  const candilever = new Candilever(page, stack);
  await candilever.signIn();
  return candilever;
}

async function connect(forms: Forms, { candilever, lever }: Stack) {
  const logIn = await forms.send(`${candilever}/api/connect_lever`, {});
  // Lever asks no more where somebody accepted in the page before.
  if (!logIn.includes('Log in as')) return;
  const user = found(logIn, /name="user" value="([^"]*)">Log in as Nora Lindqvist/);
  const consent = await forms.send(`${lever}/login`, { user, return_to: found(logIn, /name="return_to" value="([^"]*)"/) });
  await forms.send(`${lever}/authorize`, { ...hidden(consent), decision: 'accept' });
}

async function shareKeyAndSecret(forms: Forms, { candilever, canditech }: Stack) {
  await forms.send(`${candilever}/api/save_canditech`, { protocol: 'canditech', base_url: `${canditech}/api`, api_key: KEY });
  const shown = await forms.read(`${candilever}/settings/integrations/canditech`);
  const secret = found(shown, /(whsec_[^"]*)"/);
  await forms.send(`${canditech}/settings/callbacks`, { secret, address: '' });
}

async function attach(forms: Forms, { candilever }: Stack) {
  const wizard = `${candilever}/settings/integrations/lever/attach`;
  const posting = option(await forms.read(wizard), 'posting', 'Python Developer');
  const stages = await forms.read(`${wizard}?step=stage&posting=${posting}`);
  const stage = option(stages, 'stage', 'Canditech Stage');
  const assessments = await forms.read(`${wizard}?step=assessment&posting=${posting}&stage=${stage}`);
  const assessment = option(assessments, 'assessment', 'Python, 60 min');
  await forms.send(`${candilever}/api/attach`, { posting, stage, assessment });
}

/** Pages that are read and forms that are sent without a page; each must be answered well. */
class Forms {
  constructor(private readonly request: APIRequestContext) {}

  async read(address: string): Promise<string> {
    const answer = await this.request.get(address);
    expect(answer.status(), address).toBe(200);
    return answer.text();
  }

  async send(address: string, form: Record<string, string>): Promise<string> {
    const headers = { accept: 'text/html', origin: new URL(address).origin };
    const answer = await this.request.post(address, { form, headers });
    expect(answer.status(), address).toBe(200);
    return answer.text();
  }
}

/** The value of the radio button with this label. */
function option(page: string, name: string, label: string): string {
  return found(page, new RegExp(`type="radio" name="${name}" value="([^"]*)"(?:(?!type="radio")[^])*?${label}`));
}

function hidden(page: string): Record<string, string> {
  const fields = [...page.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g)];
  return Object.fromEntries(fields.map(([, name, value]) => [name, unescaped(value)]));
}

function found(page: string, what: RegExp): string {
  const value = what.exec(page)?.[1];
  if (value === undefined) throw new Error(`${what} is not in the page:\n${page}`);
  return unescaped(value);
}

function unescaped(text: string): string {
  return text.replace(/&quot;/g, '"').replace(/&amp;/g, '&');
}
