//! Scores: a thin bar and "87 / 100".

use leptos::{either::Either, prelude::*};
use serde::{Deserialize, Serialize};

/// A score in thousandths, as the engine keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreView {
    pub value: i64,
    pub max: Option<i64>,
}

#[cfg(feature = "ssr")]
impl From<engine::provider::Score> for ScoreView {
    fn from(score: engine::provider::Score) -> Self {
        Self { value: score.value, max: score.max }
    }
}

impl ScoreView {
    /// "87 / 100", "87.5 / 100", or "87" where the maximum is unknown.
    #[must_use]
    pub fn words(self) -> String {
        match self.max {
            Some(max) => format!("{} / {}", number(self.value), number(max)),
            None => number(self.value),
        }
    }
}

/// A number of thousandths without needless zeros.
fn number(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let (whole, rest) = (thousandths.abs() / 1000, thousandths.abs() % 1000);
    if rest == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{}", format!("{rest:03}").trim_end_matches('0'))
}

/// The bar alone; the number stands beside it.
#[component]
pub fn ScoreBar(
    /// The score; without a maximum there is no bar.
    score: ScoreView,
    /// What is measured, for assistive technology.
    #[prop(into)]
    label: String,
) -> impl IntoView {
    score.max.filter(|max| *max > 0).map(|max| {
        view! {
            <meter class="bar" min="0" max=max.to_string() value=score.value.to_string() aria-label=label>
                {score.words()}
            </meter>
        }
    })
}

/// A score with its bar, or a dash before there is one.
#[component]
pub fn Score(
    /// `None` before there is one.
    #[prop(into)]
    score: Signal<Option<ScoreView>>,
) -> impl IntoView {
    move || match score.try_get().flatten() {
        None => Either::Left(view! { <span class="score-none">"–"</span> }),
        Some(score) => Either::Right(view! {
            <span class="score">
                <ScoreBar score label="Score"/>
                <span class="score-words">{score.words()}</span>
            </span>
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::ScoreView;

    #[test]
    fn scores_read_as_people_write_them() {
        let words = |value, max| ScoreView { value, max }.words();
        assert_eq!(words(87_000, Some(100_000)), "87 / 100");
        assert_eq!(words(87_500, Some(100_000)), "87.5 / 100");
        assert_eq!(words(40, None), "0.04");
        assert_eq!(words(0, Some(10_000)), "0 / 10");
    }
}
