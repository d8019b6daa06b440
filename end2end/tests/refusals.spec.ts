// Bad input: each gets a clear message on the right screen, and nothing is lost.
import { Candilever, LIST_ONLY_KEY } from './support/candilever';
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test('a return with a wrong state connects nothing and says so', async ({ page, stack }) => {
  const candilever = new Candilever(page, stack);
  await candilever.signIn();
  await page.goto(`${stack.candilever}/oauth/lever/callback?state=forged&code=stolen`);
  await expect(page.getByRole('alert').first()).toContainText(/could not be matched|expired|try again/i);
  await expect(page.getByRole('button', { name: 'Connect', exact: true }).first()).toBeVisible();
});

test('consent denied is told, and Connect is offered again', async ({ page, stack }) => {
  const candilever = new Candilever(page, stack);
  await candilever.signIn();
  await candilever.openLeverPage();
  await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
  const logIn = page.getByRole('button', { name: /Log in as Nora Lindqvist/ });
  await logIn.click();
  await page.getByRole('button', { name: 'Deny' }).click();
  await expect(page.getByRole('alert').first()).toContainText(/declined|not given|Super Admin/i);
  await expect(page.getByRole('button', { name: 'Connect', exact: true }).first()).toBeVisible();
});

test('somebody who is no Super Admin in Lever is told who can connect', async ({ page, stack }) => {
  const candilever = new Candilever(page, stack);
  await candilever.signIn();
  await candilever.openLeverPage();
  await page.getByRole('button', { name: 'Connect', exact: true }).first().click();
  await new Lever(page, stack.lever).acceptConsent('Priya Raman');
  await expect(page.getByRole('alert').first()).toContainText(/Super Admin/);
});

test('a refused key, a key that cannot send and an address that may not be named', async ({ page, stack }) => {
  const candilever = new Candilever(page, stack);
  await candilever.signIn();
  await candilever.saveCanditech('wrong-key');
  await expect(page.getByText(/does not accept|did not accept|not accepted/i).first()).toBeVisible();
  await candilever.saveCanditech(LIST_ONLY_KEY);
  await expect(page.getByText(/may not send|cannot send|not send/i).first()).toBeVisible();
  await page.getByRole('textbox', { name: 'Base URL', exact: true }).fill('https://somewhere-else.example/api');
  await page.getByRole('button', { name: 'Save and test' }).click();
  await expect(page.getByRole('alert').first()).toContainText(/address|host/i);
});

test('a stage that vanished between two steps of the wizard', async ({ page, stack, context }) => {
  const candilever = await setUp(page, stack);
  await new Lever(await context.newPage(), stack.lever).addStage('Short lived');
  await candilever.openLeverPage();
  await page.getByRole('button', { name: 'Sync now' }).click();
  await page.getByRole('link', { name: 'Attach Assessment to Stage' }).first().click();
  await candilever.choose('Data Analyst');
  await candilever.choose('Short lived');
  await page.request.post(`${stack.lever}/sandbox/stages/remove`, { data: { text: 'Short lived' } });
  await candilever.choose('Data analysis, 45 min');
  await expect(page.getByRole('alert').first()).toContainText(/stage/i);
  await expect(page.getByText('Data Analyst').first()).toBeVisible();
});

test('webhooks for nobody, forged ones and nonsense are refused alike', async ({ stack, request }) => {
  const nowhere = await request.post(`${stack.candilever}/webhooks/lever/nobody`, { data: { event: 'x' } });
  expect(nowhere.status()).toBeGreaterThanOrEqual(400);
  const nonsense = await request.post(`${stack.candilever}/webhooks/lever/nobody`, { data: 'not json' });
  expect(nonsense.status()).toBeGreaterThanOrEqual(400);
});

test('signing in with a wrong password tells nothing about who exists', async ({ page, stack }) => {
  const messages: string[] = [];
  for (const email of ['nora@halden.example', 'nobody@halden.example']) {
    await page.goto(`${stack.candilever}/sign-in`);
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password').fill('certainly not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    messages.push(await page.getByRole('alert').first().innerText());
  }
  expect(messages[0]).toBe(messages[1]);
});
