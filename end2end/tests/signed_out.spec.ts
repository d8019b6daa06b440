// Somebody's session ends, or their role, while a page is open: what they do next changes nothing, they are
// told in words, and what they typed is still there when they have signed in again.
import { Page } from '@playwright/test';
import { applies, notesOf, Person, post, signIn } from './support/people';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const MAYA = { name: 'Maya Chen', email: 'maya@mail.example' };
const TYPED = 'Strong on data structures.';

/** The browser's own word on an answer that refuses. */
const REFUSAL = /the server responded with a status of (401|403|404)/;

function complaints(person: Person): string[] {
  return person.complaints.filter((one) => !REFUSAL.test(one));
}

async function completed(page: Page, stack: Stack): Promise<string> {
  const candilever = await setUp(page, stack);
  const opportunity = await applies(page.request, stack, MAYA);
  await candilever.waitForRow(MAYA.name, 'Sent');
  await post(page.request, `${stack.canditech}/sandbox/complete`, { invite: MAYA.email, score: 87 });
  await candilever.waitForRow(MAYA.name, 'Completed');
  await candilever.openCandidate(MAYA.name);
  return opportunity;
}

/** Opens the candidate's page, and waits until it is alive. */
async function look(person: Person, stack: Stack) {
  await person.page.goto(`${stack.candilever}/candidates`);
  await person.page.getByRole('row').filter({ hasText: MAYA.name }).getByRole('link', { name: MAYA.name }).click();
  await expect(person.page.getByRole('heading', { name: MAYA.name, level: 1 })).toBeVisible();
}

test('a session that ends in the middle of an edit', async ({ page, browser, stack }) => {
  const opportunity = await completed(page, stack);
  const tomas = await signIn(browser, stack, 'tomas@halden.example');
  await look(tomas, stack);
  await tomas.page.getByLabel(/Comment/).fill(TYPED);

  const elsewhere = await tomas.page.context().newPage();
  await elsewhere.goto(stack.candilever);
  await elsewhere.getByText('Tomas Rivera').first().click();
  await elsewhere.getByRole('button', { name: 'Sign out' }).click();
  await expect(elsewhere.getByRole('heading', { name: /Sign in/ })).toBeVisible();

  await tomas.page.getByRole('button', { name: 'Thumbs up' }).click();
  const told = tomas.page.getByRole('alert').filter({ hasText: 'You are signed out.' }).first();
  await expect(told).toContainText('Nothing was changed, and what you typed is still here.');
  await expect(tomas.page.getByLabel(/Comment/)).toHaveValue(TYPED);
  expect((await notesOf(page.request, stack, opportunity)).join()).toContain('Verdict: n/a');

  const opened = tomas.page.waitForEvent('popup');
  await told.getByRole('link', { name: /Sign in/ }).click();
  const beside = await opened;
  await beside.getByLabel('E-mail').fill('tomas@halden.example');
  await beside.getByLabel('Password').fill(stack.password);
  await beside.getByRole('button', { name: 'Sign in' }).click();
  await expect(beside.getByRole('heading', { name: MAYA.name, level: 1 })).toBeVisible();

  await tomas.page.getByRole('button', { name: 'Thumbs up' }).click();
  await expect(tomas.page.getByRole('region', { name: 'Verdict' }).getByRole('blockquote')).toHaveText(TYPED);
  await expect(tomas.page.getByRole('alert')).toHaveCount(0);
  await expect(async () => {
    expect((await notesOf(page.request, stack, opportunity)).join()).toContain('Verdict: passed');
  }).toPass();
  expect(complaints(tomas)).toEqual([]);
  await tomas.leave();
});

test('a role that is lost while a page is open', async ({ page, browser, stack }) => {
  const opportunity = await completed(page, stack);
  const [tomas, priya] = [await signIn(browser, stack, 'tomas@halden.example'), await signIn(browser, stack, 'priya@halden.example')];
  await look(priya, stack);
  await tomas.page.goto(`${stack.candilever}/settings/integrations/lever`);
  await expect(tomas.page.getByRole('button', { name: 'Pause' })).toBeVisible();

  await post(page.request, `${stack.lever}/sandbox/users/role`, { user: 'Priya Raman', role: 'interviewer' });
  await post(page.request, `${stack.lever}/sandbox/users/role`, { user: 'Tomas Rivera', role: 'team member' });
  await page.goto(`${stack.candilever}/settings/integrations/lever`);
  await page.getByRole('button', { name: 'Sync now' }).click();
  await expect(async () => {
    await page.goto(`${stack.candilever}/settings/team`);
    await expect(page.getByRole('row').filter({ hasText: 'priya@halden.example' })).toContainText('No access', { timeout: 500 });
    await expect(page.getByRole('row').filter({ hasText: 'tomas@halden.example' })).toContainText('Team Member', { timeout: 500 });
  }).toPass();

  await priya.page.getByRole('button', { name: 'Thumbs down' }).click();
  await expect(priya.page.getByRole('alert').filter({ hasText: 'You are signed out.' }).first()).toBeVisible();
  const pause = tomas.page.getByRole('button', { name: 'Pause' });
  const refused = tomas.page.getByRole('alert').filter({ hasText: 'Your role does not allow this.' }).first();
  await expect(async () => {
    if (await pause.isVisible()) await pause.click({ timeout: 500 });
    await expect(refused).toBeVisible({ timeout: 1000 });
  }).toPass();

  await page.goto(`${stack.candilever}/settings/integrations/lever`);
  await expect(page.getByRole('button', { name: 'Pause' })).toBeVisible();
  expect((await notesOf(page.request, stack, opportunity)).join()).toContain('Verdict: n/a');
  for (const person of [tomas, priya]) {
    expect(complaints(person)).toEqual([]);
    await person.leave();
  }
});
