//! Moments as people read them. On the server and at hydration a moment reads in UTC words, the same
//! on both sides; once mounted it reads relative to the reader's minute, in the reader's zone.

use leptos::prelude::*;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The present, in unix milliseconds, once the page lives; `None` on the server.
#[derive(Clone, Copy)]
pub struct Now(pub ReadSignal<Option<i64>>);

/// Provides [`Now`], which ticks every half minute in the browser.
pub fn provide_now() {
    let (now, set_now) = signal(None);
    provide_context(Now(now));
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        let tick = move || set_now.set(Some(browser_now()));
        tick();
        if let Ok(handle) = set_interval_with_handle(tick, std::time::Duration::from_secs(30)) {
            on_cleanup(move || handle.clear());
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _: WriteSignal<Option<i64>> = set_now;
}

/// RFC 3339 in UTC, for `datetime`.
#[must_use]
pub fn rfc3339(at: i64) -> String {
    let (year, month, day) = date(at);
    let rest = at.rem_euclid(DAY);
    format!("{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z", rest / HOUR, rest % HOUR / MINUTE, rest % MINUTE / 1000)
}

/// "24 Nov 2026, 12:18 UTC".
#[must_use]
pub fn utc_words(at: i64) -> String {
    let (year, month, day) = date(at);
    let rest = at.rem_euclid(DAY);
    format!("{day} {} {year}, {:02}:{:02} UTC", month_name(month), rest / HOUR, rest % HOUR / MINUTE)
}

/// "just now", "2 min ago", "in 3 days"; `None` when the date says more.
#[must_use]
pub fn relative(at: i64, now: i64) -> Option<String> {
    let distance = (now - at).abs();
    let words = match distance {
        d if d < MINUTE => return Some("just now".to_owned()),
        d if d < HOUR => format!("{} min", d / MINUTE),
        d if d < DAY => format!("{} h", d / HOUR),
        d if d < 2 * DAY => "1 day".to_owned(),
        d if d < 14 * DAY => format!("{} days", d / DAY),
        _ => return None,
    };
    Some(if at > now { format!("in {words}") } else { format!("{words} ago") })
}

/// The exact time in the reader's zone; UTC words where there is no reader's zone.
#[must_use]
pub fn exact(at: i64) -> String {
    #[cfg(feature = "hydrate")]
    {
        let local = js_sys::Date::new(&wasm_bindgen::JsValue::from_f64(at as f64));
        let month = month_name(i64::from(local.get_month()) + 1);
        let (year, day) = (local.get_full_year(), local.get_date());
        format!("{day} {month} {year}, {:02}:{:02}", local.get_hours(), local.get_minutes())
    }
    #[cfg(not(feature = "hydrate"))]
    utc_words(at)
}

#[cfg(feature = "hydrate")]
fn browser_now() -> i64 {
    js_sys::Date::now() as i64
}

fn month_name(month: i64) -> &'static str {
    usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index)).copied().unwrap_or("")
}

/// The civil date of a moment, by Howard Hinnant's `civil_from_days`.
fn date(at: i64) -> (i64, i64, i64) {
    let days = at.div_euclid(DAY) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::{DAY, HOUR, MINUTE, relative, rfc3339, utc_words};

    #[test]
    fn dates_are_the_calendars() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
        assert_eq!(rfc3339(-1000), "1969-12-31T23:59:59Z");
        assert_eq!(utc_words(1_795_522_680_000), "24 Nov 2026, 12:18 UTC");
    }

    #[test]
    fn distances_are_in_words_until_the_date_says_more() {
        let now = 1_000 * DAY;
        assert_eq!(relative(now - 10, now).as_deref(), Some("just now"));
        assert_eq!(relative(now - 2 * MINUTE, now).as_deref(), Some("2 min ago"));
        assert_eq!(relative(now + 5 * HOUR, now).as_deref(), Some("in 5 h"));
        assert_eq!(relative(now - 13 * DAY, now).as_deref(), Some("13 days ago"));
        assert_eq!(relative(now - 14 * DAY, now), None);
    }
}
