// What a recruiter does to an invite on its page: resend, extend, cancel, retake, another e-mail address.
import { Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { Canditech } from './support/canditech';
import { Lever } from './support/lever';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const MILO = 'milo@mail.example';
const BETTER = 'milo@other.example';

interface Stage {
  candilever: Candilever;
  lever: Lever;
  canditech: Canditech;
  /** A page in which the stand-in Canditech is open. */
  there: Page;
}

/** Milo has the assessment, and his invite's page is open. */
async function sent(page: Page, stack: Stack): Promise<Stage> {
  const candilever = await setUp(page, stack);
  const lever = new Lever(await page.context().newPage(), stack.lever);
  const there = await page.context().newPage();
  const canditech = new Canditech(there, stack.canditech);
  await lever.addCandidate('Milo Frey', MILO, 'Python Developer');
  await lever.moveTo('Canditech Stage');
  await candilever.waitForRow('Milo Frey', 'Sent');
  await candilever.openCandidate('Milo Frey');
  return { candilever, lever, canditech, there };
}

function actions(page: Page) {
  return page.getByRole('region', { name: 'Actions' });
}

function timeline(page: Page) {
  return page.getByRole('region', { name: 'Timeline' });
}

/** Asks for what asks back, and says yes. */
async function confirm(page: Page, verb: string) {
  await actions(page).getByRole('link', { name: verb, exact: true }).click();
  await actions(page).getByRole('button', { name: verb, exact: true }).click();
}

/** Waits for what a job does, with JavaScript and without. */
async function says(page: Page, words: string) {
  await expect(async () => {
    if (!(await timeline(page).getByText(words).first().isVisible())) await page.reload();
    await expect(timeline(page).getByText(words).first()).toBeVisible({ timeout: 2000 });
  }).toPass({ timeout: 30_000 });
}

async function verbs(page: Page, stack: Stack) {
  const { lever, canditech, there } = await sent(page, stack);

  await test.step('resend: the same link once more', async () => {
    await actions(page).getByRole('button', { name: 'Resend' }).click();
    await says(page, 'Sent again');
    expect(await canditech.mailsTo(MILO)).toBe(2);
  });

  await test.step('extend: the deadline moves', async () => {
    const expires = page.getByRole('term').filter({ hasText: 'Expires' }).locator('..').getByRole('time');
    const before = await expires.getAttribute('datetime');
    await actions(page).getByLabel('More days').fill('9');
    await actions(page).getByRole('button', { name: 'Extend' }).click();
    await says(page, 'The deadline was moved.');
    const days = Date.parse((await expires.getAttribute('datetime')) ?? '') - Date.parse(before ?? '');
    expect(Math.round(days / 86_400_000)).toBe(9);
  });

  await test.step('what is not its turn says why', async () => {
    const retake = actions(page).getByRole('listitem').filter({ hasText: 'Retake' });
    await expect(retake).toContainText('It is still open. Resend it instead.');
    await expect(retake.getByRole('link')).toHaveCount(0);
  });

  await test.step('the e-mail: the first invite is taken back, a second goes to the better address', async () => {
    await actions(page).getByRole('link', { name: 'Correct the e-mail' }).click();
    await expect(actions(page).getByText('is cancelled, then a new one goes to this address')).toBeVisible();
    await actions(page).getByLabel('E-mail of the candidate').fill(BETTER);
    await actions(page).getByRole('button', { name: 'Correct the e-mail' }).click();
    await says(page, 'it goes to another address instead');
    await expect(async () => expect(await canditech.mailsTo(BETTER)).toBe(1)).toPass();
    await canditech.followMail(MILO);
    await expect(there.getByText('This assessment was cancelled')).toBeVisible();
    await page.reload();
    await page.getByRole('region', { name: 'Other assessments of this person' }).getByRole('link').click();
    await expect(page.getByText(`round 2 · Python Developer · ${BETTER}`)).toBeVisible();
  });

  await test.step('cancel: a question first, and no is no', async () => {
    await actions(page).getByRole('link', { name: 'Cancel', exact: true }).click();
    await actions(page).getByRole('link', { name: 'Leave it as it is' }).click();
    await expect(actions(page).getByText('Cancel this invite?')).toHaveCount(0);
    await confirm(page, 'Cancel');
    await says(page, 'Cancelled: Nora Lindqvist took it back.');
    await expect(actions(page).getByRole('listitem').filter({ hasText: 'Cancel' })).toContainText('It is over.');
    await canditech.followMail(BETTER);
    await expect(there.getByText('This assessment was cancelled')).toBeVisible();
  });

  await test.step('retake: a page of its own, a link of its own', async () => {
    await confirm(page, 'Retake');
    await expect(page.getByText(`round 3 · Python Developer · ${BETTER}`)).toBeVisible();
    await expect(async () => expect(await canditech.mailsTo(BETTER)).toBe(2)).toPass();
    await canditech.followMail(BETTER);
    await expect(there.getByRole('button', { name: 'Start assessment' })).toBeVisible();
  });

  await test.step('Lever has a note for each', async () => {
    const notes = async () => {
      const state = await (await page.request.get(`${stack.lever}/sandbox/state`)).json();
      const milo = state.opportunities.find((one: { name: string }) => one.name === 'Milo Frey');
      const text = (note: { fields: { value: string }[] }) => /Status: (\w+)/.exec(note.fields[0].value)?.[1];
      return milo.notes.map(text).sort();
    };
    await expect(async () => expect(await notes()).toEqual(['Cancelled', 'Cancelled', 'Sent'])).toPass();
    await lever.openNotes('Milo Frey');
  });
}

test('the verbs of an invite, as buttons on its page', async ({ page, stack }) => {
  await verbs(page, stack);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('the verbs of an invite work as plain forms', async ({ page, stack }) => {
    await verbs(page, stack);
  });
});
