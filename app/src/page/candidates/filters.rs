//! The filter's controls: a form that works as it is, and links that turn one part over.

use leptos::prelude::*;

use super::{
    filter::{Filter, Reached, Toggle},
    heir::focus_search,
    server::Position,
};
use crate::{
    problem::Problem,
    route, text,
    ui::{Choice, Glyph, Icon, InviteState, Select, Verdict},
};

/// Search, status, position, and the chips.
#[component]
pub fn Filters(filter: Memo<Filter>, positions: Resource<Result<Vec<Position>, Problem>>) -> impl IntoView {
    view! {
        <div class="filters">
            <FilterForm filter positions/>
            <ul class="chips" aria-label=text::candidates::CHIPS>
                {Toggle::ALL.map(|toggle| view! { <Chip filter toggle/> }).into_iter().collect_view()}
                <li>
                    <a
                        class="chip"
                        href=route::CANDIDATES
                        hidden=move || filter.with(Filter::is_open)
                        on:click=|_| focus_search()
                    >
                        <Glyph icon=Icon::Cross/>
                        <span>{text::candidates::CLEAR}</span>
                    </a>
                </li>
            </ul>
        </div>
    }
}

#[component]
fn Chip(filter: Memo<Filter>, toggle: Toggle) -> impl IntoView {
    let is_on = move || filter.with(|filter| filter.has(toggle));
    view! {
        <li>
            <a
                class="chip"
                href=move || filter.with(|filter| filter.turned(toggle).address())
                aria-current=move || is_on().then_some("true")
            >
                <span class="chip-check" hidden=move || !is_on()>
                    <Glyph icon=Icon::Check/>
                </span>
                <span>{text::candidates::toggle(toggle)}</span>
            </a>
        </li>
    }
}

#[component]
fn FilterForm(filter: Memo<Filter>, positions: Resource<Result<Vec<Position>, Problem>>) -> impl IntoView {
    let first = filter.get_untracked();
    let (progress, verdict) = (first.progress(), first.verdict.map(Verdict::word).unwrap_or_default());
    let position = StoredValue::new(first.position.unwrap_or_default());
    let kept = move |toggle: Toggle| {
        let is_on = move || filter.with(|filter| filter.has(toggle));
        move || is_on().then(|| view! { <input type="hidden" name=toggle.slug() value="1"/> })
    };
    browser::follow(filter);
    view! {
        <form
            class="filter-form"
            role="search"
            action=route::CANDIDATES
            on:change=|event| browser::submit(&event)
            on:submit=browser::open(filter)
        >
            <div class="field filter-search">
                <label for="q">{text::candidates::SEARCH}</label>
                <input id="q" type="search" name="q" value=first.name.unwrap_or_default() data-search=""/>
            </div>
            <Select label=text::candidates::STATUS name="state" choices=state_choices() selected=progress/>
            <Select label=text::candidates::VERDICT name="verdict" choices=verdict_choices() selected=verdict/>
            <Transition>
                {move || {
                    let known = positions.get().and_then(Result::ok).unwrap_or_default();
                    let choices = position_choices(known);
                    view! { <Select label=text::candidates::POSITION name="position" choices selected=position.get_value()/> }
                }}
            </Transition>
            {Toggle::ALL.map(kept).into_iter().collect_view()}
            <button class="button" type="submit" data-kind="secondary">{text::candidates::FILTER}</button>
        </form>
    }
}

fn state_choices() -> Vec<Choice> {
    let all = Choice::new("", text::candidates::ANY_STATUS);
    let states = InviteState::ALL.into_iter().map(|state| Choice::new(state.slug(), state.word()));
    let ever = Reached::ALL.into_iter().map(|step| Choice::new(step.slug(), text::candidates::reached(step)));
    std::iter::once(all).chain(states).chain(ever).collect()
}

fn verdict_choices() -> Vec<Choice> {
    let all = Choice::new("", text::candidates::ANY_VERDICT);
    let verdicts =
        Verdict::ALL.into_iter().map(|verdict| Choice::new(verdict.word(), text::candidates::verdict(verdict)));
    std::iter::once(all).chain(verdicts).collect()
}

fn position_choices(positions: Vec<Position>) -> Vec<Choice> {
    let all = Choice::new("", text::candidates::ANY_POSITION);
    let positions = positions.into_iter().map(|position| Choice::new(position.id, position.title));
    std::iter::once(all).chain(positions).collect()
}

/// What the form does once the page lives; before, it is a form like any other.
#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{ev, prelude::*};
    use leptos_router::{hooks::use_navigate, params::ParamsMap};
    use wasm_bindgen::JsCast;
    use web_sys::{FormData, HtmlFormElement, HtmlInputElement, HtmlSelectElement};

    use super::{Filter, Verdict};

    /// Filters at once when a choice changes.
    pub fn submit(event: &ev::Event) {
        let select = event.target().and_then(|target| target.dyn_into::<HtmlSelectElement>().ok());
        submit_form_of(select);
    }

    fn submit_form_of(select: Option<HtmlSelectElement>) {
        if let Some(form) = select.and_then(|select| select.form()) {
            // The only refusal is of a submitter that is not the form's own.
            let _submitted = form.request_submit();
        }
    }

    /// Opens the list at its short address, without a page load.
    pub fn open(filter: Memo<Filter>) -> impl FnMut(ev::SubmitEvent) {
        let navigate = use_navigate();
        move |event| {
            let form = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok());
            let Some(data) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
            event.prevent_default();
            let mut query = ParamsMap::new();
            for name in ["q", "state", "verdict", "position"] {
                query.insert(name, data.get(name).as_string().unwrap_or_default());
            }
            let typed = Filter::read(&query);
            let Filter { awaiting, mine, attention, recent, .. } = filter.get_untracked();
            navigate(&Filter { awaiting, mine, attention, recent, ..typed }.address(), Default::default());
        }
    }

    /// Keeps the controls at what the address says when that changes elsewhere.
    pub fn follow(filter: Memo<Filter>) {
        Effect::new(move |is_later: Option<bool>| {
            let filter = filter.get();
            let chosen = if is_later.is_none() { chosen_before(&filter) } else { None };
            match chosen {
                Some(list) => submit_form_of(Some(list)),
                None => show(&filter, is_later.is_none()),
            }
            true
        });
    }

    /// Has the controls say what the address says; of a page that just came alive, all but what was typed meanwhile.
    fn show(filter: &Filter, is_first: bool) {
        let search = control::<HtmlInputElement>("q");
        if let Some(search) = search.filter(|search| !is_first || search.value() == search.default_value()) {
            search.set_value(filter.name.as_deref().unwrap_or_default());
        }
        for (id, value) in choices(filter) {
            let Some(list) = control::<HtmlSelectElement>(id) else { continue };
            list.set_value(&value);
            // What is no choice reads as any, as it does without JavaScript.
            list.set_selected_index(list.selected_index().max(0));
        }
    }

    /// A list in which somebody chose before the page could hear of it. One that says what it came with is none, even
    /// if the address says another by then, after Back.
    fn chosen_before(filter: &Filter) -> Option<HtmlSelectElement> {
        let differs =
            |(id, value): (&str, String)| control::<HtmlSelectElement>(id).filter(|list| list.value() != value);
        choices(filter).into_iter().filter_map(differs).find(|list| !says_what_it_came_with(list))
    }

    fn says_what_it_came_with(list: &HtmlSelectElement) -> bool {
        let came = list.query_selector("[selected]").ok().flatten().or_else(|| list.item(0));
        came == u32::try_from(list.selected_index()).ok().and_then(|index| list.item(index))
    }

    /// What the lists say under this filter.
    fn choices(filter: &Filter) -> [(&'static str, String); 3] {
        let verdict = filter.verdict.map(Verdict::word).unwrap_or_default();
        let position = filter.position.clone().unwrap_or_default();
        [("state", filter.progress()), ("verdict", verdict.to_owned()), ("position", position)]
    }

    fn control<T: JsCast>(id: &str) -> Option<T> {
        document().get_element_by_id(id)?.dyn_into().ok()
    }
}

/// On the server there is nobody to listen.
#[cfg(not(feature = "hydrate"))]
mod browser {
    use leptos::{ev, prelude::Memo};

    use super::Filter;

    pub fn submit(_: &ev::Event) {}

    pub fn open(_: Memo<Filter>) -> impl FnMut(ev::SubmitEvent) {
        |_| {}
    }

    pub fn follow(_: Memo<Filter>) {}
}
