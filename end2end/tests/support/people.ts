// Several people at once: each in a browser of their own, whose console is guarded too.
import { APIRequestContext, Browser, BrowserContextOptions, expect, Page } from '@playwright/test';
import { Stack } from './stack';

/** Somebody signed in; what their console says that it should not lands in `complaints`. */
export interface Person {
  page: Page;
  complaints: string[];
  leave(): Promise<void>;
}

export async function signIn(browser: Browser, stack: Stack, email: string, options?: BrowserContextOptions): Promise<Person> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`a dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(`${stack.candilever}/sign-in`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(stack.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  return { page, complaints, leave: () => context.close() };
}

export async function post(request: APIRequestContext, url: string, data: object) {
  const answer = await request.post(url, { data });
  expect(answer.ok(), `${url}: ${answer.status()}`).toBe(true);
  return answer.json();
}

export interface Applicant {
  name: string;
  email?: string;
  /** Python Developer where nothing is said. */
  posting?: string;
}

/** Somebody applies in Lever and is moved to the attached stage; answers the opportunity. */
export async function applies(request: APIRequestContext, stack: Stack, applicant: Applicant): Promise<string> {
  const body = { posting: 'Python Developer', ...applicant };
  const { opportunity } = await post(request, `${stack.lever}/sandbox/candidates`, body);
  await post(request, `${stack.lever}/sandbox/move`, { opportunity, stage: 'Canditech Stage' });
  return opportunity;
}

/** The texts of an opportunity's notes in Lever. */
export async function notesOf(request: APIRequestContext, stack: Stack, opportunity: string): Promise<string[]> {
  const state = await (await request.get(`${stack.lever}/sandbox/state`)).json();
  const found = state.opportunities.find((one: { id: string }) => one.id === opportunity);
  const standing = found.notes.filter((note: { deletedAt: number | null }) => note.deletedAt === null);
  return standing.map((note: { fields: { value: string }[] }) => note.fields[0].value);
}

/** Somebody takes the test that was sent to this address. */
export async function completes(request: APIRequestContext, stack: Stack, email: string) {
  await post(request, `${stack.canditech}/sandbox/complete`, { invite: email, score: 87 });
}

/** Waits until an opportunity has one note in Lever, which says this. */
export async function isNoted(request: APIRequestContext, stack: Stack, opportunity: string, line: string) {
  await expect(async () => expect(await notesOf(request, stack, opportunity)).toEqual([expect.stringContaining(line)])).toPass();
}

/** How often a method was called below a path of Lever's API. */
export async function askedOfLever(request: APIRequestContext, stack: Stack, method: string, prefix: string): Promise<number> {
  const url = `${stack.lever}/sandbox/ledger?method=${method}&path_prefix=${encodeURIComponent(prefix)}`;
  return (await (await request.get(url)).json()).data.length;
}
