// The server was updated while a page was open.
import { expect, test } from './support/test';
import { picture } from './support/picture';
import { setUp } from './support/set_up';

/** Whether the page is still the one that was marked, and no other was loaded since. */
const isMarked = () => (window as unknown as { marked?: boolean }).marked === true;
const mark = () => void ((window as unknown as { marked?: boolean }).marked = true);

test('a page of another build than the server says so, and links load whole pages', async ({ page, stack }) => {
  await setUp(page, stack);
  await page.goto(stack.candilever);
  await page.evaluate(mark);
  await page.getByRole('link', { name: 'Candidates', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Candidates', level: 1 })).toBeVisible();
  expect(await page.evaluate(isMarked), 'a page of the same build goes on by itself').toBe(true);
  await expect(page.getByText('Candilever was updated.')).toHaveCount(0);

  const body = 'event: build\ndata: pkg/another\n\n';
  await page.route('**/live', (route) => route.fulfill({ contentType: 'text/event-stream', body }));
  await page.goto(`${stack.candilever}/candidates?state=sent`);
  await expect(page.getByText('Candilever was updated.')).toBeVisible();
  await picture(page, 'updated');
  await page.evaluate(mark);
  await page.getByRole('link', { name: 'Dashboard', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 }).first()).toBeVisible();
  await expect(page).toHaveURL(`${stack.candilever}/`);
  expect(await page.evaluate(isMarked), 'the next page is loaded as a whole').toBe(false);

  await page.goto(`${stack.candilever}/candidates?state=sent`);
  await page.evaluate(mark);
  await page.getByRole('link', { name: 'Load this page anew' }).click();
  await expect.poll(() => page.evaluate(isMarked).catch(() => true)).toBe(false);
  await expect(page).toHaveURL(`${stack.candilever}/candidates?state=sent`);
});
