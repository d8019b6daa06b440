// The Candidates tab as somebody works through it: narrowed by position and by what is typed, verdicts taken
// back, and all of it with the keyboard alone.
import { APIRequestContext, Locator, Page } from '@playwright/test';
import { Candilever } from './support/candilever';
import { Applicant, applies, completes, isNoted } from './support/people';
import { isSamePage, mark } from './support/same_page';
import { setUp } from './support/set_up';
import { Stack } from './support/stack';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const MAYA = { name: 'Maya Chen', email: 'maya@mail.example' };
const RAVI = { name: 'Ravi Patel', email: 'ravi@mail.example' };
const RUTH = { name: 'Ruth Adler', email: 'ruth@mail.example', posting: 'Data Analyst' };
const LATER = { name: 'Lena Vogel', email: 'lena@mail.example' };
const NAMESAKE = { name: 'Maya Berg', email: 'berg@mail.example', posting: 'Data Analyst' };

function search(page: Page): Locator {
  return page.getByRole('searchbox', { name: 'Search by name or e-mail' });
}

function verdict(page: Page): Locator {
  return page.getByRole('region', { name: 'Verdict' });
}

/** These have an invite each; answers their opportunities. */
async function areInvited(candilever: Candilever, request: APIRequestContext, stack: Stack, people: Applicant[]): Promise<string[]> {
  const opportunities = [];
  for (const person of people) opportunities.push(await applies(request, stack, person));
  for (const { name } of people) await candilever.waitForRow(name, 'Sent');
  return opportunities;
}

/** Both have completed the assessment; answers their opportunities. */
async function haveCompleted(candilever: Candilever, request: APIRequestContext, stack: Stack): Promise<string[]> {
  const opportunities = await areInvited(candilever, request, stack, [MAYA, RAVI]);
  for (const { email } of [MAYA, RAVI]) await completes(request, stack, email);
  for (const { name } of [MAYA, RAVI]) await candilever.waitForRow(name, 'Completed');
  return opportunities;
}

test('the list is narrowed by position and by what is typed, and the address keeps it', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  await candilever.attach('Data Analyst', 'Canditech Stage', 'Data analysis, 45 min');
  await areInvited(candilever, request, stack, [MAYA, RAVI, RUTH, NAMESAKE]);
  const position = page.getByRole('combobox', { name: 'Position' });
  const chosen = position.getByRole('option', { selected: true });
  const shows = async (...people: Applicant[]) => {
    await expect(page.getByRole('row')).toHaveCount(people.length + 1);
    for (const { name } of people) await expect(candilever.row(name)).toHaveCount(1);
  };

  await test.step('by position, without a page load', async () => {
    await candilever.openCandidates();
    await mark(page);
    await position.selectOption({ label: 'Data Analyst' });
    await shows(RUTH, NAMESAKE);
    expect(await isSamePage(page)).toBe(true);
    await expect(page).toHaveURL(/[?&]position=/);
  });

  await test.step('and by what is typed, a part of a name or an e-mail address', async () => {
    await search(page).fill('may');
    await search(page).press('Enter');
    await shows(NAMESAKE);
    await expect(page).toHaveURL(/[?&]q=may/);
    await search(page).fill('ruth@mail');
    await search(page).press('Enter');
    await shows(RUTH);
    expect(await isSamePage(page)).toBe(true);
  });

  await test.step('a reload keeps it', async () => {
    await page.reload();
    await shows(RUTH);
    await expect(search(page)).toHaveValue('ruth@mail');
    await expect(chosen).toHaveText('Data Analyst');
  });

  await test.step('Back goes through what was shown, with its filters', async () => {
    await page.goBack();
    await shows(NAMESAKE);
    await expect(search(page)).toHaveValue('may');
    await page.goBack();
    await shows(RUTH, NAMESAKE);
    await expect(search(page)).toHaveValue('');
    await expect(chosen).toHaveText('Data Analyst');
    await page.goForward();
    await shows(NAMESAKE);
  });

  await test.step('any position again, then anybody', async () => {
    await position.selectOption({ label: 'Any position' });
    await shows(MAYA, NAMESAKE);
    await expect(page).not.toHaveURL(/position=/);
    await page.getByRole('link', { name: 'Clear filters' }).press('Enter');
    await shows(MAYA, RAVI, RUTH, NAMESAKE);
    await expect(search(page)).toHaveValue('');
    await hasFocus(search(page));
  });

  await test.step('where nobody is found, too, the keyboard goes on in the search', async () => {
    await search(page).fill('nobody of that name');
    await search(page).press('Enter');
    const nothing = page.getByRole('main').getByRole('link', { name: 'Clear filters' }).last();
    await expect(page.getByRole('row')).toHaveCount(0);
    await nothing.press('Enter');
    await shows(MAYA, RAVI, RUTH, NAMESAKE);
    await hasFocus(search(page));
  });

  await test.step('who is new waits to be shown, and the keyboard goes on there', async () => {
    await applies(request, stack, LATER);
    const fresh = page.getByRole('status').getByRole('button', { name: '1 new' });
    await fresh.press('Enter');
    await shows(MAYA, RAVI, RUTH, NAMESAKE, LATER);
    await hasFocus(page.getByRole('rowheader').getByRole('link').first());
    await expect(page.getByRole('row').nth(1)).toContainText(LATER.name);
  });
});

test('a verdict that is taken back, in the row or on the page, is n/a in Lever again', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  const [mayas, ravis] = await haveCompleted(candilever, request, stack);
  const inRow = candilever.row(MAYA.name).getByRole('button', { name: 'Thumbs up' });
  await inRow.click();
  await expect(candilever.row(MAYA.name)).toContainText('passed');
  await candilever.openCandidate(RAVI.name);
  await candilever.give('Thumbs down');
  await isNoted(request, stack, mayas, 'Verdict: passed');
  await isNoted(request, stack, ravis, 'Verdict: failed');

  await test.step('on the page', async () => {
    await page.getByRole('button', { name: 'Withdraw verdict' }).click();
    await expect(verdict(page)).toContainText('Verdict withdrawn by Nora Lindqvist');
    await expect(verdict(page).getByText('n/a', { exact: true })).toBeVisible();
    await expect(page.getByRole('button', { name: 'Withdraw verdict' })).toHaveCount(0);
  });

  await test.step('in the row, with the thumb that is pressed', async () => {
    await candilever.openCandidates();
    await expect(inRow).toHaveAttribute('aria-pressed', 'true');
    await inRow.click();
    await expect(candilever.row(MAYA.name)).toContainText('n/a');
    await expect(inRow).toHaveAttribute('aria-pressed', 'false');
  });

  await isNoted(request, stack, mayas, 'Verdict: n/a');
  await isNoted(request, stack, ravis, 'Verdict: n/a');
});

/** Presses Tab until this has the focus. */
async function tabTo(page: Page, place: Locator) {
  const isThere = () => place.evaluate((element) => element === document.activeElement);
  for (let presses = 0; presses < 40 && !(await isThere()); presses += 1) await page.keyboard.press('Tab');
  await hasFocus(place);
}

/** It has the focus, and everybody sees so. */
async function hasFocus(place: Locator) {
  await expect(place).toBeFocused();
  await expect(place).toHaveCSS('outline-style', 'solid');
  await expect(place).toHaveCSS('outline-width', '2px');
}

/** Presses a key that gives a verdict, and waits until the page was read anew. */
async function judges(page: Page, key: string, reads: RegExp) {
  const read = page.waitForResponse(reads);
  await page.keyboard.press(key);
  await read;
}

test('the keyboard alone: search, move, open, give and take back', async ({ page, request, stack }) => {
  const candilever = await setUp(page, stack);
  await haveCompleted(candilever, request, stack);
  await candilever.openCandidates();
  const links = page.getByRole('rowheader').getByRole('link');
  const first = page.getByRole('row').nth(1);
  const up = first.getByRole('button', { name: 'Thumbs up' });
  const down = first.getByRole('button', { name: 'Thumbs down' });
  const undo = first.getByRole('button', { name: 'Undo' });
  const name = (await links.first().textContent()) ?? '';

  await test.step('the page says which keys there are', async () => {
    await expect(page.getByText('Keys: j and k move, Enter opens, u and d give thumbs, / searches.')).toBeVisible();
  });

  await test.step('/ and Ctrl-K go to the search, where a letter is a letter', async () => {
    // The keys are heard of once the page is alive.
    await expect(async () => {
      await page.keyboard.press('/');
      await expect(search(page)).toBeFocused({ timeout: 500 });
    }).toPass();
    await page.keyboard.type('jud/');
    await expect(search(page)).toHaveValue('jud/');
    await search(page).clear();
    await tabTo(page, page.getByRole('button', { name: 'Filter' }));
    await page.keyboard.press('Control+k');
    await hasFocus(search(page));
  });

  await test.step('j and k move between the rows and stay at the ends', async () => {
    await tabTo(page, page.getByRole('button', { name: 'Filter' }));
    for (const [key, row] of [['j', 0], ['k', 0], ['j', 1], ['j', 1], ['k', 0]] as const) {
      await page.keyboard.press(key);
      await hasFocus(links.nth(row));
    }
  });

  await test.step('u and d judge the row, and its focus stays', async () => {
    await judges(page, 'u', /list_candidates/);
    await expect(up).toHaveAttribute('aria-pressed', 'true');
    await expect(first).toContainText('passed');
    await judges(page, 'd', /list_candidates/);
    await expect(down).toHaveAttribute('aria-pressed', 'true');
    await expect(first).toContainText('failed');
    await hasFocus(links.first());
  });

  await test.step('the thumbs by Tab: Enter and Space give, once more takes back', async () => {
    await page.keyboard.press('Tab');
    await hasFocus(up);
    await judges(page, 'Enter', /list_candidates/);
    await expect(first).toContainText('passed');
    await hasFocus(up);
    await judges(page, 'Space', /list_candidates/);
    await expect(first).toContainText('n/a');
    await hasFocus(up);
    await page.keyboard.press('Tab');
    await hasFocus(down);
    await judges(page, 'Space', /list_candidates/);
    await expect(first).toContainText('failed');
    await hasFocus(down);
  });

  await test.step('Undo goes once it is pressed, and leaves the focus in its row', async () => {
    await tabTo(page, undo);
    await judges(page, 'Enter', /list_candidates/);
    await expect(first).toContainText('n/a');
    await expect(undo).toHaveCount(0);
    await hasFocus(up);
  });

  await test.step('Enter opens the candidate, whose thumbs are as near', async () => {
    for (const key of ['j', 'k', 'Enter']) await page.keyboard.press(key);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    const thumb = verdict(page).getByRole('button', { name: 'Thumbs down' });
    await tabTo(page, thumb);
    await judges(page, 'Space', /read_candidate/);
    await expect(verdict(page)).toContainText('Thumbs down by Nora Lindqvist');
    await hasFocus(thumb);
    const withdraw = page.getByRole('button', { name: 'Withdraw verdict' });
    await tabTo(page, withdraw);
    await judges(page, 'Enter', /read_candidate/);
    await expect(verdict(page)).toContainText('Verdict withdrawn by Nora Lindqvist');
    await expect(withdraw).toHaveCount(0);
    await hasFocus(verdict(page).getByRole('button', { name: 'Thumbs up' }));
  });
});
