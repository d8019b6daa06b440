// Anybody in Lever can be looked up, with the decision and its reasons; what needs somebody is mended
// from the dashboard; and Lever is told what was not sent, where the organization chose so.
import { Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

async function lookUp(page: Page, text: string) {
  await page.getByRole('searchbox', { name: 'E-mail address, Lever link or id' }).fill(text);
  await page.getByRole('button', { name: 'Look up' }).click();
}

async function walk(page: Page, candilever: Candilever, lever: Lever, stack: Stack) {
  await lever.addCandidate('Ada Blom', 'ada@mail.example', 'Python Developer');

  await test.step('a list without her leads to Lever, with what was typed where Lever can find it', async () => {
    await page.goto(`${stack.candilever}/candidates?q=ada%40mail.example`);
    await expect(page.getByText('No invite matches these filters')).toBeVisible();
    await page.getByRole('main').getByText('Not here?').getByRole('link', { name: 'Look in Lever' }).click();
    await expect(page.getByRole('heading', { name: 'Look in Lever', level: 1 })).toBeVisible();
    const ada = page.getByRole('region', { name: 'Ada Blom · Python Developer' });
    await expect(ada).toContainText('No assessment is attached to this stage.');
    await ada.getByText('1 attachment on another stage').click();
    await expect(ada).toContainText('The candidate is in another stage.');
    await expect(ada).toContainText('No match');
  });

  await test.step('once she was moved and invited, it says so, and leads to the invite', async () => {
    await lever.openCandidate('Ada Blom');
    await lever.moveTo('Canditech Stage');
    await candilever.waitForRow('Ada Blom', 'Sent');
    await page.getByRole('link', { name: 'Look in Lever' }).first().click();
    await lookUp(page, 'ADA@mail.example');
    const ada = page.getByRole('region', { name: 'Ada Blom · Python Developer' });
    await expect(ada).toContainText('The candidate has it already: sent. Next: The candidate has it and has not started.');
    await ada.getByRole('link', { name: /^Open the invite/ }).click();
    await expect(page.getByRole('heading', { name: 'Ada Blom', level: 1 })).toBeVisible();
  });

  await test.step('a name, a stranger', async () => {
    await page.goto(`${stack.candilever}/candidates/look-up`);
    await lookUp(page, 'Ada Blom');
    await expect(page.getByRole('alert')).toContainText('This is no e-mail address, link or id.');
    await lookUp(page, 'nobody@mail.example');
    await expect(page.getByText('Lever shows nobody for this')).toBeVisible();
  });
}

test('anybody in Lever is looked up, with the decision and why', async ({ page, context, stack }) => {
  const candilever = await setUp(page, stack);
  await walk(page, candilever, new Lever(await context.newPage(), stack.lever), stack);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('anybody in Lever is looked up by a plain form', async ({ page, context, stack }) => {
    const candilever = await setUp(page, stack);
    await walk(page, candilever, new Lever(await context.newPage(), stack.lever), stack);
  });
});

test('what needs somebody is mended from the dashboard, and Lever is told meanwhile', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  await candilever.openLeverPage();
  const notes = page.getByRole('region', { name: 'Notes in Lever' });
  await notes.getByRole('checkbox', { name: 'also when an assessment could not be sent' }).check();
  await notes.getByRole('button', { name: 'Save what is noted' }).click();
  await expect(notes.getByText('Notes about what is not sent: on')).toBeVisible();

  const add = async (name: string, email: string | null) => {
    const person = { name, email, posting: 'Python Developer' };
    const made = await (await request.post(`${stack.lever}/sandbox/candidates`, { data: person })).json();
    await request.post(`${stack.lever}/sandbox/move`, { data: { opportunity: made.opportunity, stage: 'Canditech Stage' } });
    return made.opportunity as string;
  };

  // Once somebody was invited the set-up is over, and the dashboard shows what needs a person.
  await add('Noah Lind', 'noah@mail.example');
  await candilever.waitForRow('Noah Lind', 'Sent');
  const silent = await add('Ada Blom', null);
  await candilever.waitForRow('Ada Blom', 'Waiting');
  const needs = page.getByRole('region', { name: 'Needs you' });

  await test.step('no e-mail address: the way to Lever, and a note there after some minutes', async () => {
    await page.goto(stack.candilever);
    await expect(needs.getByRole('link', { name: 'Open in Lever: Ada Blom' })).toBeVisible();
    await expect(needs).toContainText('No e-mail address in Lever.');
    await request.post(`${stack.lever}/sandbox/clock`, { data: { advance_ms: 6 * 60_000 } });
    await expect(async () => {
      const all = (await (await request.get(`${stack.lever}/sandbox/state`)).json()).opportunities;
      const told = all.find((one: { id: string }) => one.id === silent).notes;
      expect(told.length).toBe(1);
      expect(told[0].fields[0].value).toContain('Status: Not sent (no e-mail address in Lever)');
    }).toPass({ timeout: 60_000 });
  });

  await test.step('it is dropped with one press', async () => {
    await page.goto(stack.candilever);
    await needs.getByRole('button', { name: 'Do not send it: Ada Blom' }).click();
    await expect(needs.getByText('Ada Blom')).toHaveCount(0);
  });

  await test.step('a paused attachment is resumed with one press', async () => {
    await candilever.pauseTheAttachment();
    await add('Milo Frey', 'milo@mail.example');
    await candilever.waitForRow('Milo Frey', 'Waiting');
    await page.goto(stack.candilever);
    await needs.getByRole('button', { name: 'Resume the attachment: Milo Frey' }).click();
    await expect(needs.getByText('Milo Frey')).toHaveCount(0);
    await candilever.waitForRow('Milo Frey', 'Sent');
  });
});
