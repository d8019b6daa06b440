// The first page of a new installation: what it refuses, what it keeps, and that its link works once.
import { Page } from '@playwright/test';
import { picture } from './support/picture';
import { comesAlive } from './support/same_page';
import { startNew } from './support/stack';
import { expect, test as base } from './support/test';

const test = base.extend({
  stack: async ({}, use) => {
    const stack = await startNew();
    await use(stack);
    await stack.stop();
  },
});

const PASSWORD = 'a long enough password';

interface Typed {
  organization: string;
  name: string;
  email: string;
  password: string;
}

const GOOD: Typed = {
  organization: 'Halden Instruments',
  name: 'Nora Lindqvist',
  email: 'nora@halden.example',
  password: PASSWORD,
};

async function fill(page: Page, typed: Typed) {
  await page.getByLabel('Organization').fill(typed.organization);
  await page.getByLabel('Your name').fill(typed.name);
  await page.getByLabel('E-mail').fill(typed.email);
  await page.getByLabel('Password').fill(typed.password);
}

async function create(page: Page) {
  await page.getByRole('button', { name: 'Create the organization' }).click();
}

/** As a browser that checks nothing by itself. */
async function createUnchecked(page: Page) {
  await page.locator('form').evaluate((form: HTMLFormElement) => (form.noValidate = true));
  await create(page);
}

test('the set-up form refuses what cannot be, keeps the rest, and works once', async ({ page, browser, stack }) => {
  await page.goto(stack.signInLink);
  await expect(page.getByRole('heading', { name: 'Set up Candilever' })).toBeVisible();
  await picture(page, 'set-up');
  await comesAlive(page);
  await page.goto(stack.signInLink);

  await test.step('a short password is stopped by the browser, and by the server', async () => {
    await fill(page, { ...GOOD, password: 'short' });
    await create(page);
    expect(await page.getByLabel('Password').evaluate((input: HTMLInputElement) => input.validity.tooShort)).toBe(true);
    await createUnchecked(page);
    const password = page.getByLabel('Password');
    await expect(password).toHaveAccessibleDescription(/too short or too easy to guess: use at least 12 characters/);
    await expect(password).toHaveAttribute('aria-invalid', 'true');
    await expect(password).toHaveValue('');
    await expect(page.getByLabel('Organization')).toHaveValue(GOOD.organization);
    await expect(page.getByLabel('E-mail')).toHaveValue(GOOD.email);
  });

  await test.step('neither is what is no e-mail address, nor a name of nothing', async () => {
    await fill(page, { ...GOOD, email: 'nora at halden' });
    await createUnchecked(page);
    await expect(page.getByLabel('E-mail')).toHaveAccessibleDescription(/not an e-mail address/);
    await fill(page, { ...GOOD, organization: '   ' });
    await createUnchecked(page);
    await expect(page.getByLabel('Organization')).toHaveAccessibleDescription(/cannot be used as a name/);
  });

  await test.step('what is right signs the person in', async () => {
    await fill(page, GOOD);
    await create(page);
    await expect(page).toHaveURL(`${stack.candilever}/`);
    await expect(page.getByText('Halden Instruments').first()).toBeVisible();
  });

  await test.step('the link is used: it says so, and leads to the sign-in page', async () => {
    const other = await browser.newContext();
    const theirs = await other.newPage();
    await theirs.goto(stack.signInLink);
    await expect(theirs.getByText('This link cannot be used any more')).toBeVisible();
    await expect(theirs.getByLabel('Password')).toHaveCount(0);
    await theirs.getByRole('link', { name: 'Sign in' }).click();
    await theirs.getByLabel('E-mail').fill(GOOD.email);
    await theirs.getByLabel('Password').fill(PASSWORD);
    await theirs.getByRole('button', { name: 'Sign in' }).click();
    await expect(theirs).toHaveURL(`${stack.candilever}/`);
    await other.close();
  });

  await test.step('a link that never was is closed alike', async () => {
    await page.goto(`${stack.candilever}/set-up/made-up`);
    await expect(page.getByText('This link cannot be used any more')).toBeVisible();
  });
});
