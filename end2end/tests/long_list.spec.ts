// A list that is longer than a page: a page of it stays small, and the rest is one link away.
import { post } from './support/people';
import { setUp } from './support/set_up';
import { expect, test } from './support/test';

test.setTimeout(240_000);

const PEOPLE = 55;
const PAGE = 50;

test('a page of a long list is small, and the next one follows it', async ({ page, request, stack }) => {
  await setUp(page, stack);
  const body = { n: PEOPLE, posting: 'Python Developer', prefix: 'Applicant' };
  const { opportunities } = await post(request, `${stack.lever}/sandbox/candidates/bulk`, body);
  await post(request, `${stack.lever}/sandbox/bulk-move`, { opportunities, stage: 'Canditech Stage' });
  const invites = async () => (await (await request.get(`${stack.canditech}/sandbox/state`)).json()).invites;
  await expect(async () => expect(await invites()).toHaveLength(PEOPLE)).toPass({ timeout: 120_000 });
  for (const invite of await invites()) {
    await post(request, `${stack.canditech}/sandbox/complete`, { invite: invite.candidate.email, score: 70 });
  }
  const list = `${stack.candilever}/candidates?state=completed`;
  await expect(async () => {
    await page.goto(list);
    await expect(page.getByText(`${PEOPLE} invites`)).toBeVisible({ timeout: 500 });
    // Rows that came after the page was made wait for a click.
    await expect(page.getByRole('row')).toHaveCount(PAGE + 1, { timeout: 500 });
  }).toPass({ timeout: 120_000 });
  const nodes = await page.evaluate(() => document.querySelectorAll('*').length);
  // Rows with a result and thumbs are the largest there are.
  expect(nodes).toBeLessThanOrEqual(1700);
  await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Older' }).click();
  await expect(page.getByRole('row')).toHaveCount(PEOPLE - PAGE + 1);
});
