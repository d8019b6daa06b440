// What only a person decides: late sends that wait together, and an invite that does not go on by itself.
import { APIRequestContext } from '@playwright/test';
import { Candilever } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const DAY_AND_AN_HOUR = 25 * 3_600_000;
const GATHERED = 6 * 60_000;
const MANY = 26;

/** In the demo the stand-ins and Candilever go by one clock. */
async function pass(request: APIRequestContext, stack: Stack, milliseconds: number) {
  await request.post(`${stack.lever}/sandbox/clock`, { data: { advance_ms: milliseconds } });
}

async function sent(request: APIRequestContext, stack: Stack): Promise<number> {
  const state = await (await request.get(`${stack.canditech}/sandbox/state`)).json();
  return state.invites.length;
}

/** Many enter the stage while Lever's webhooks are held back, and a day passes. */
async function manyAreLate(request: APIRequestContext, stack: Stack) {
  await request.post(`${stack.lever}/sandbox/webhooks/mode`, { data: { hold: true } });
  const bulk = { n: MANY, posting: 'Python Developer', prefix: 'Late Comer' };
  const made = await (await request.post(`${stack.lever}/sandbox/candidates/bulk`, { data: bulk })).json();
  const move = { opportunities: made.opportunities, stage: 'Canditech Stage' };
  await request.post(`${stack.lever}/sandbox/bulk-move`, { data: move });
  await pass(request, stack, DAY_AND_AN_HOUR);
  await request.post(`${stack.lever}/sandbox/webhooks/release`, { data: {} });
}

test('many late sends wait for one word: drop some, send the others', async ({ page, request, stack }) => {
  await setUp(page, stack);
  // The session ends within the day that passes; nobody looks on meanwhile.
  await page.goto('about:blank');
  await manyAreLate(request, stack);
  const panel = page.getByRole('region', { name: 'Late invites wait for your word' });
  const boxes = panel.getByRole('checkbox');
  await page.goto(stack.signInLink);
  await expect(async () => {
    await page.reload();
    await expect(boxes).toHaveCount(MANY, { timeout: 1000 });
  }).toPass({ timeout: 120_000 });
  await pass(request, stack, GATHERED);
  expect(await sent(request, stack)).toBe(0);

  await test.step('two are chosen and dropped', async () => {
    for (const box of (await boxes.all()).slice(2)) await box.uncheck();
    await panel.getByRole('button', { name: 'Do not send to the chosen' }).click();
    await expect(boxes).toHaveCount(MANY - 2);
  });

  await test.step('nobody is chosen: nothing happens', async () => {
    for (const box of await boxes.all()) await box.uncheck();
    await panel.getByRole('button', { name: 'Send to the chosen', exact: true }).click();
    await expect(boxes).toHaveCount(MANY - 2);
    expect(await sent(request, stack)).toBe(0);
  });

  await test.step('the others are sent', async () => {
    await page.reload();
    await panel.getByRole('button', { name: 'Send to the chosen', exact: true }).click();
    await expect(panel).toHaveCount(0);
    await expect(async () => expect(await sent(request, stack)).toBe(MANY - 2)).toPass({ timeout: 60_000 });
  });

  await page.goto(`${stack.candilever}/candidates?state=cancelled`);
  await expect(page.getByText('2 invites', { exact: true })).toBeVisible();
});

async function failedInvite(candilever: Candilever, lever: Lever, request: APIRequestContext, stack: Stack) {
  const refused = { code: 422, body: JSON.stringify({ error: { code: 'invalid_candidate', field: 'name' } }) };
  const fault = { path_prefix: '/api', method: 'POST', kind: { status: refused }, times: 1 };
  await request.post(`${stack.canditech}/sandbox/faults`, { data: fault });
  await lever.addCandidate('Milo Frey', 'milo@mail.example', 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await candilever.waitForRow('Milo Frey', 'Failed');
}

test('a failed invite says why, and goes out on a person\'s word', async ({ page, context, request, stack }) => {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  const canditech = new Canditech(await context.newPage(), stack.canditech);
  await failedInvite(candilever, lever, request, stack);
  await candilever.openCandidate('Milo Frey');
  const box = page.getByRole('region', { name: 'This needs your word' });
  await expect(box).toContainText('This was not sent.');
  await expect(page.getByText(/Not sent\./).first()).toBeVisible();
  await box.getByRole('button', { name: 'Send it', exact: true }).click();
  await expect(box).toBeHidden();
  await expect(page.getByText('Nora Lindqvist had it sent.')).toBeVisible();
  await expect(async () => expect(await canditech.mailsTo('milo@mail.example')).toBe(1)).toPass();
});

test('a waiting invite says what it waits for, and can be dropped', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await context.newPage(), stack.lever);
  await candilever.pauseTheAttachment();
  await lever.addCandidate('Ada Blom', 'ada@mail.example', 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await candilever.waitForRow('Ada Blom', 'Waiting');
  await candilever.openCandidate('Ada Blom');
  const box = page.getByRole('region', { name: 'This needs your word' });
  await expect(box.getByRole('button', { name: 'Send it', exact: true })).toHaveCount(0);
  await box.getByRole('button', { name: 'Do not send it' }).click();
  await expect(page.getByText('Cancelled').first()).toBeVisible();
  await expect(page.getByText('Nora Lindqvist decided not to send it.').first()).toBeVisible();
  await expect(box).toBeHidden();
});
