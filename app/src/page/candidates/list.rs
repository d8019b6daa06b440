//! The rows that are shown. A live update never moves a row under the pointer: known rows stay where
//! they are and change in place, new ones are counted and wait to be shown.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{
    filter::Filter,
    heir::focus_first_row,
    row::Row,
    server::{CandidatesView, InviteRow},
};
use crate::{problem::Problem, text, ui::ProblemNotice};

/// The answers of the server, with the filter each belongs to.
pub type Answer = (Filter, Result<CandidatesView, Problem>);

/// What is on the screen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Shown {
    filter: Filter,
    /// Counts how often a person asked for the new rows.
    turn: u32,
    /// In the order of the screen.
    pub ids: Vec<String>,
    rows: BTreeMap<String, InviteRow>,
    /// New rows that wait to be shown.
    pub fresh: usize,
    pub problem: Option<Problem>,
    pub is_loaded: bool,
}

impl Shown {
    /// What to show after `answer`, when this was shown before.
    #[must_use]
    pub fn after(&self, answer: &Answer, turn: u32) -> Self {
        let (filter, answer) = answer;
        let page = match answer {
            Ok(page) => page,
            Err(problem) => return Self { problem: Some(*problem), is_loaded: true, ..self.clone() },
        };
        let goes_on = self.is_loaded && self.filter == *filter && self.turn == turn && !self.ids.is_empty();
        let mut shown = Self { filter: filter.clone(), turn, is_loaded: true, ..Self::default() };
        if goes_on {
            shown.ids.clone_from(&self.ids);
            shown.rows.clone_from(&self.rows);
        } else {
            shown.ids = page.rows.iter().map(|row| row.id.clone()).collect();
        }
        for row in &page.rows {
            if shown.ids.contains(&row.id) {
                shown.take(row);
            } else {
                shown.fresh += 1;
            }
        }
        shown
    }

    /// Takes a row unless a newer one is known.
    fn take(&mut self, row: &InviteRow) {
        let is_old = self.rows.get(&row.id).is_some_and(|known| known.version > row.version);
        if !is_old {
            self.rows.insert(row.id.clone(), row.clone());
        }
    }

    fn row(&self, id: &str) -> Option<InviteRow> {
        self.rows.get(id).cloned()
    }
}

/// The table.
#[component]
pub fn List(
    /// What to show.
    shown: Memo<Shown>,
    /// To ask for the new rows.
    show_new: WriteSignal<u32>,
    /// To say that a row's verdict changed.
    given: WriteSignal<u32>,
) -> impl IntoView {
    let fresh = Memo::new(move |_| shown.with(|shown| shown.fresh));
    let problem = Memo::new(move |_| shown.with(|shown| shown.problem));
    let show = move |_| {
        show_new.update(|turn| *turn += 1);
        focus_first_row();
    };
    view! {
        {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
        <div class="fresh" role="status">
            <Show when=move || { fresh.get() > 0 }>
                <button class="button" type="button" data-kind="secondary" on:click=show>
                    {move || text::candidates::fresh(fresh.get())}
                </button>
            </Show>
        </div>
        <table class="rows" hidden=move || shown.with(|shown| shown.ids.is_empty())>
            <caption class="unseen">{text::candidates::TITLE}</caption>
            <thead>
                <tr>{text::candidates::COLUMNS.map(|column| view! { <th scope="col">{column}</th> }).into_iter().collect_view()}</tr>
            </thead>
            <tbody>
                <For each=move || shown.with(|shown| shown.ids.clone()) key=String::clone let:id>
                    <KnownRow id shown given/>
                </For>
            </tbody>
        </table>
    }
}

/// A row that keeps what it knew when the list no longer has it.
#[component]
fn KnownRow(id: String, shown: Memo<Shown>, given: WriteSignal<u32>) -> impl IntoView {
    let first = shown.with_untracked(|shown| shown.row(&id));
    first.map(|first| {
        let row = Memo::new(move |known: Option<&InviteRow>| {
            let read = shown.with(|shown| shown.row(&first.id));
            read.unwrap_or_else(|| known.unwrap_or(&first).clone())
        });
        view! { <Row row given/> }
    })
}

#[cfg(test)]
mod tests {
    use super::{Answer, Shown};
    use crate::{
        page::candidates::{
            filter::Filter,
            server::{CandidatesView, InviteRow},
        },
        problem::Problem,
        ui::{InviteState, Verdict},
    };

    fn row(id: &str, version: i64) -> InviteRow {
        InviteRow {
            id: id.to_owned(),
            candidate: "Maya Chen".to_owned(),
            position: None,
            assessment: "Python, 60 min".to_owned(),
            state: InviteState::Completed,
            reason: None,
            score: None,
            verdict: Verdict::NotGiven,
            changed_at: version,
            version,
        }
    }

    fn answer(rows: &[(&str, i64)]) -> Answer {
        let rows: Vec<_> = rows.iter().map(|(id, version)| row(id, *version)).collect();
        let count = i64::try_from(rows.len()).expect("a handful");
        (Filter::default(), Ok(CandidatesView { rows, next: None, count, more: false, may_attach: false }))
    }

    fn version(shown: &Shown, id: &str) -> Option<i64> {
        shown.row(id).map(|row| row.version)
    }

    #[test]
    fn rows_stay_where_they_are_and_new_ones_wait() {
        let first = Shown::default().after(&answer(&[("a", 1), ("b", 1)]), 0);
        let moved = first.after(&answer(&[("c", 1), ("b", 2), ("a", 1)]), 0);
        assert_eq!((moved.ids.as_slice(), moved.fresh), (["a".to_owned(), "b".to_owned()].as_slice(), 1));
        assert_eq!(version(&moved, "b"), Some(2));
        let asked = moved.after(&answer(&[("c", 1), ("b", 2), ("a", 1)]), 1);
        assert_eq!((asked.ids.join(""), asked.fresh), ("cba".to_owned(), 0));
    }

    #[test]
    fn a_row_that_no_longer_matches_stays_until_it_is_asked_for_anew() {
        let first = Shown::default().after(&answer(&[("a", 1), ("b", 1)]), 0);
        let gone = first.after(&answer(&[("b", 1)]), 0);
        assert_eq!(gone.ids.join(""), "ab");
        assert_eq!(version(&gone, "a"), Some(1));
    }

    #[test]
    fn an_older_version_overwrites_nothing() {
        let first = Shown::default().after(&answer(&[("a", 3)]), 0);
        assert_eq!(version(&first.after(&answer(&[("a", 2)]), 0), "a"), Some(3));
    }

    #[test]
    fn the_first_row_of_an_empty_list_is_shown_at_once() {
        let empty = Shown::default().after(&answer(&[]), 0);
        assert_eq!(empty.after(&answer(&[("a", 1)]), 0).ids.join(""), "a");
    }

    #[test]
    fn a_problem_keeps_what_is_shown() {
        let first = Shown::default().after(&answer(&[("a", 1)]), 0);
        let failed = first.after(&(Filter::default(), Err(Problem::Unavailable)), 0);
        assert_eq!((failed.ids.join(""), failed.problem), ("a".to_owned(), Some(Problem::Unavailable)));
    }
}
